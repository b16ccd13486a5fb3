import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStallDetector } from '../../web/shared/link/media-watch.js';

const tickMs = 150;

/** Feeds one verdict per tick; packets per tick as given. */
function run(perTick, detector = createStallDetector(), startMs = 0) {
  let packets = 0;
  return perTick.map((fresh, index) => detector((packets += fresh), startMs + index * tickMs));
}

const ticks = (count, value = 0) => new Array(count).fill(value);

/** How long after the last packet a verdict was first given, in milliseconds. */
function delayOf(verdict, perTick, detector) {
  const last = perTick.findLastIndex((packets) => packets > 0);
  return (run(perTick, detector).indexOf(verdict, last) - last) * tickMs;
}

test('a steady source that stops is suspect at the third tick and has stalled at the tenth', () => {
  const stopping = [...ticks(20, 8), ...ticks(12)];
  assert.equal(delayOf('suspect', stopping), 450);
  assert.equal(delayOf('stalled', stopping), 1500);
});

test('before the first packet nothing can stall', () => {
  assert.deepEqual(new Set(run(ticks(100))), new Set(['quiet']));
});

test('one hiccup among steady media does not delay suspicion', () => {
  const stopping = [...ticks(30, 8), 0, 0, 0, 0, ...ticks(30, 8), ...ticks(12)];
  assert.ok(delayOf('suspect', stopping) <= 600);
});

test('a sparse source is not suspect between its packets, and may be silent for longer, but not for ever', () => {
  const oncePerSecond = Array.from({ length: 70 }, (_, tick) => (tick % 7 === 0 ? 3 : 0));
  const verdicts = run([...oncePerSecond, ...ticks(30)]);
  assert.deepEqual(new Set(verdicts.slice(8, 70)), new Set(['media', 'quiet']));
  assert.ok(!verdicts.slice(0, 70).includes('stalled'));
  assert.equal(verdicts.at(-1), 'stalled');
});

test('a source that becomes still is asked about, and has not stalled', () => {
  const verdicts = run([...ticks(70, 8), ...Array.from({ length: 70 }, (_, tick) => (tick % 7 === 6 ? 1 : 0))]);
  assert.ok(verdicts.includes('suspect'));
  assert.ok(!verdicts.includes('stalled'));
  assert.ok(!verdicts.slice(-28).includes('suspect'), 'By then one packet a second is usual.');
});

test('a publisher’s limit is its own', () => {
  assert.equal(delayOf('stalled', [...ticks(20, 8), ...ticks(20)], createStallDetector(2000)), 2100);
});

test('a late tick is the page that slept', () => {
  const detector = createStallDetector();
  [0, 50, 100, 150].forEach((packets, index) => detector(packets, index * tickMs));
  assert.equal(detector(150, 20_000), 'quiet');
  assert.equal(detector(200, 20_000 + tickMs), 'media');
});

test('a hidden page, with one tick a second, still notices that media stopped', () => {
  const detector = createStallDetector();
  const verdicts = [100, 200, 300, 300, 300, 300].map((packets, second) => detector(packets, second * 1000));
  assert.deepEqual(verdicts, ['media', 'media', 'media', 'quiet', 'quiet', 'stalled']);
});

test('media that comes back is media', () => {
  assert.equal(run([50, 50, ...ticks(11), 50]).at(-1), 'media');
});
