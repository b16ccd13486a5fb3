import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceCeiling, plotRuns } from '../../web/shared/ui/scale.js';

test('the scale ends at 1, 2 or 5 times a power of ten, at or above everything', () => {
  assert.equal(niceCeiling([3, 14]), 20);
  assert.equal(niceCeiling([20]), 20);
  assert.equal(niceCeiling([2_100_000]), 5_000_000);
  assert.equal(niceCeiling([0.03], 0.01), 0.05);
});

test('the scale never falls below its minimum, also without samples', () => {
  assert.equal(niceCeiling([], 30), 30);
  assert.equal(niceCeiling([NaN, 4], 30), 30);
});

const area = { width: 90, height: 10, capacity: 10, ceiling: 5 };

test('the newest sample is at the right edge, the oldest falls out at the left', () => {
  const [run] = plotRuns([0, 5], area);
  assert.deepEqual(run, [{ x: 80, y: 10 }, { x: 90, y: 0 }]);
  const [full] = plotRuns(Array.from({ length: 25 }, () => 1), area);
  assert.deepEqual([full.length, full[0].x, full.at(-1).x], [10, 0, 90]);
});

test('gaps break the line', () => {
  assert.deepEqual(plotRuns([1, NaN, 2, 2], area).map((run) => run.length), [1, 2]);
});

test('values outside the scale stay inside the area', () => {
  assert.deepEqual(plotRuns([-1, 99], area)[0].map(({ y }) => y), [10, 0]);
});
