import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceCeiling, plotBars, plotRuns, sharedCeiling, stepped, wordRuns } from '../../web/shared/ui/scale.js';

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

test('a step holds its value until the next one', () => {
  const run = [{ x: 0, y: 5 }, { x: 10, y: 5 }, { x: 20, y: 1 }];
  assert.deepEqual(stepped(run), [{ x: 0, y: 5 }, { x: 10, y: 5 }, { x: 20, y: 5 }, { x: 20, y: 1 }]);
});

test('bars stand for samples that are something, and are seen however small they are', () => {
  assert.deepEqual(plotBars([0, NaN, 2.5, 0.001], area), [
    { x: 71, y: 5, width: 9, height: 5 }, { x: 81, y: 9, width: 9, height: 1 },
  ]);
});

test('a word stands once for the time in which it stays the same', () => {
  assert.deepEqual(wordRuns(['720p', '720p', '', '360p'], [5, 5, NaN, 2.5], area), [
    { word: '720p', x: 60, y: 0, width: 10 }, { word: '360p', x: 90, y: 5, width: 0 },
  ]);
});

test('a second series may raise the scale, but not so far that the first is lost', () => {
  assert.equal(sharedCeiling([[1, 2], [4]]), 5);
  assert.equal(sharedCeiling([[1, 2], [100]]), 10);
  assert.equal(sharedCeiling([[NaN], [100]], 2), 10);
  assert.equal(sharedCeiling([[3]]), 5);
});
