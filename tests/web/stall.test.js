import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStallDetector } from '../../web/shared/link/media-watch.js';

/** Feeds one verdict per 250 ms tick; packets per tick as given. */
function run(perTick, detector = createStallDetector(), startMs = 0) {
  let packets = 0;
  return perTick.map((fresh, index) => detector((packets += fresh), startMs + index * 250));
}

test('a steady source that stops has stalled after one second, not before', () => {
  const verdicts = run([50, 50, 50, 50, 0, 0, 0, 0, 0]);
  assert.deepEqual(verdicts.slice(4), ['quiet', 'quiet', 'quiet', 'stalled', 'stalled']);
});

test('before the first packet nothing can stall', () => {
  assert.deepEqual(new Set(run(new Array(100).fill(0))), new Set(['quiet']));
});

test('a slow but steady source has stalled after one second too', () => {
  assert.equal(run([1, 1, 1, 1, 1, 0, 0, 0, 0]).at(-1), 'stalled');
});

test('a sparse source may be silent for longer, but not for ever', () => {
  const oncePerSecond = Array.from({ length: 20 }, (_, tick) => (tick % 4 === 0 ? 3 : 0));
  const verdicts = run([...oncePerSecond, ...new Array(20).fill(0)]);
  assert.ok(!verdicts.slice(0, 25).includes('stalled'));
  assert.equal(verdicts.at(-1), 'stalled');
});

test('a late tick is the page that slept', () => {
  const detector = createStallDetector();
  [0, 50, 100, 150].forEach((packets, index) => detector(packets, index * 250));
  assert.equal(detector(150, 20_000), 'quiet');
  assert.equal(detector(200, 20_250), 'media');
});

test('media that comes back is media', () => {
  assert.equal(run([50, 50, 0, 0, 0, 0, 0, 50]).at(-1), 'media');
});
