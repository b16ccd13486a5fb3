import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePlot, figures } from '../../web/shared/player/figures.js';
import { missedSamples } from '../../web/shared/stats/gaps.js';

const figure = (label) => figures.find((candidate) => candidate.label === label);
const layer = { encodingId: 'h', spatialLayerId: 0, temporalLayerId: 1, width: 1280, height: 720, automatic: true, paused: false, limit: 'none' };

test('the layer that is sent is drawn by its lines and called by its name', () => {
  const { series: [line], word } = figure('Sent');
  assert.deepEqual([line.value({ layer }), word({ layer })], [720, '720p h']);
  assert.deepEqual([line.value({ layer: { ...layer, width: 720, height: 1280 } })], [720]);
  assert.deepEqual([line.value({ width: 640, height: 360 }), word({ width: 640, height: 360 })], [360, '360p']);
});

test('a picture that is not sent is drawn as none, and one that nobody knows not at all', () => {
  const { series: [line], word } = figure('Sent');
  assert.deepEqual([line.value({ layer: { ...layer, paused: true } }), word({ layer: { ...layer, paused: true } })], [0, 'sound only']);
  assert.deepEqual([line.value({}), word({}), line.text({})], [undefined, '', '–']);
});

test('what is received and what the network carries share a plot', () => {
  const values = figure('Bitrate').series.map(({ value }) => value({ bitsPerSecond: 5, estimatedBitsPerSecond: 9 }));
  assert.deepEqual(values, [5, 9]);
});

test('a plot is told in words, with the range of what is seen', () => {
  const format = (value) => `${value} ms`;
  assert.equal(describePlot('Round trip', [{ now: '21 ms', values: [64, NaN, 18, 21], format }]), 'Round trip: 21 ms, between 18 ms and 64 ms');
  assert.equal(describePlot('Round trip', [{ now: '21 ms', values: [21, 21], format }]), 'Round trip: 21 ms');
  assert.equal(describePlot('Round trip', [{ now: '–', values: [NaN], format }]), 'Round trip: unknown');
  assert.equal(describePlot('Bitrate', [
    { legend: 'received', now: '1 ms', values: [1], format }, { legend: 'your network', now: '3 ms', values: [2, 3], format },
  ]), 'Bitrate: received 1 ms; your network 3 ms, between 2 ms and 3 ms');
});

test('a pause between samples is as wide as it was long, and no wider than the plot', () => {
  const plot = { intervalMs: 1000, capacity: 180 };
  assert.equal(missedSamples(undefined, 5000, plot), 0);
  assert.equal(missedSamples(1000, 2040, plot), 0);
  assert.equal(missedSamples(1000, 6010, plot), 4);
  assert.equal(missedSamples(1000, 9_000_000, plot), 180);
});
