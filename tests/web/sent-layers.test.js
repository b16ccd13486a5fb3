import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLayer } from '../../web/publish/layer-rows.js';
import { createOutboundSampler } from '../../web/shared/stats/outbound.js';

/** A connection whose counters stand at `seconds` times their rates. */
const connection = (reports) => {
  let seconds = 0;
  return {
    pass: () => { seconds++; },
    getStats: async () => new Map(reports.map(({ bytes = 0, frames = 0, ...report }) => [report.id, {
      timestamp: 1000 * seconds, type: 'outbound-rtp', kind: 'video', bytesSent: bytes * seconds, framesSent: frames * seconds, ...report }])),
  };
};
const sampleOf = async (reports) => {
  const link = connection(reports);
  const sample = createOutboundSampler();
  await sample(link);
  link.pass();
  return sample(link);
};
const low = { id: 'a', rid: 'l', encodingIndex: 0, frameWidth: 320, frameHeight: 180, bytes: 25_000, frames: 30, active: true };
const high = { id: 'b', rid: 'h', encodingIndex: 1, frameWidth: 1280, frameHeight: 720, bytes: 250_000, frames: 30, active: true };
const sound = { id: 'c', kind: 'audio', bytes: 8000 };

test('the best encoding comes first, with its own rates', async () => {
  const { layers } = await sampleOf([low, sound, high]);
  assert.deepEqual(layers.map(({ rid, height, framesPerSecond, bitsPerSecond, active }) => [rid, height, framesPerSecond, bitsPerSecond, active]),
    [['h', 720, 30, 2_000_000, true], ['l', 180, 30, 200_000, true]]);
});

test('the whole is the sum of all, and the picture the best', async () => {
  const { bitsPerSecond, width, framesPerSecond } = await sampleOf([low, high, sound]);
  assert.deepEqual([bitsPerSecond, width, framesPerSecond], [2_264_000, 1280, 30]);
});

test('while the best is laid still, the next is the picture and the best says why', async () => {
  const still = { ...high, bytes: 0, frames: 0, qualityLimitationReason: 'bandwidth' };
  const { width, limitation, layers } = await sampleOf([low, still]);
  assert.deepEqual([width, limitation, layers[0].active], [320, 'bandwidth', false]);
});

test('what this page has switched off is held back by nothing', async () => {
  const { width, limitation, layers } = await sampleOf([
    { ...low, qualityLimitationReason: 'cpu' }, { ...high, active: false, qualityLimitationReason: 'none' }]);
  assert.deepEqual([width, limitation, layers[0].limitation], [320, 'cpu', undefined]);
});

test('with SVC pictures are counted, not their layers', async () => {
  const { framesPerSecond } = await sampleOf([{ ...high, frames: 90, framesPerSecond: 30, scalabilityMode: 'L3T3_KEY' }]);
  assert.equal(framesPerSecond, 30);
});

test('several encoders of one kind are named once', async () => {
  const nameOf = async (encoderImplementation) => (await sampleOf([{ ...high, encoderImplementation }])).encoder;
  assert.equal(await nameOf('SimulcastEncoderAdapter (libvpx, libvpx)'), 'libvpx');
  assert.equal(await nameOf('SimulcastEncoderAdapter (VideoToolbox, OpenH264)'), 'VideoToolbox, OpenH264');
  assert.equal(await nameOf('OpenH264'), 'OpenH264');
  assert.equal(await nameOf(undefined), undefined);
});

test('sound alone has no layers', async () => {
  const { layers, bitsPerSecond, width } = await sampleOf([sound]);
  assert.deepEqual([layers, bitsPerSecond, width], [[], 64_000, undefined]);
});

test('a row says what is sent and what holds it back', () => {
  const row = describeLayer({ rid: 'h', width: 1280, height: 720, framesPerSecond: 29.6, bitsPerSecond: 2e6, limitation: 'cpu', active: true, scalabilityMode: 'L1T2' });
  assert.deepEqual(row, {
    name: '720p', picture: '1280 × 720', mode: '', scalable: false, frames: '30 fps', bitsPerSecond: 2e6, heldBackBy: 'This computer', sending: true });
});

test('a row of SVC names its mode', () => {
  const { mode, scalable } = describeLayer({ width: 1280, height: 720, active: true, scalabilityMode: 'L3T3_KEY' });
  assert.deepEqual([mode, scalable], ['L3T3_KEY', true]);
});

test('a row of what was never sent has the name of its place', () => {
  const { name, frames, sending, heldBackBy } = describeLayer({ rid: 'h', active: false, limitation: 'bandwidth', framesPerSecond: 0 });
  assert.deepEqual([name, frames, sending, heldBackBy], ['High', '–', false, 'The network']);
});
