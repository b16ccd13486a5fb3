import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitrateFor, canScale, codecFor, describePlan, layerPlans, shareOut, sizeOf, wholeBitrate } from '../../web/shared/layers/plan.js';
import { explainOutcome } from '../../web/shared/layers/video-sender.js';

const sizes = { 1080: [1920, 1080], 720: [1280, 720], 540: [960, 540], 480: [854, 480], 360: [640, 360], 270: [480, 270], 180: [320, 180] };
const plans = (layers, codec, height, more = {}) => layerPlans({ layers, codec, width: sizes[height][0], height, ...more });
const best = (...wish) => plans(...wish)[0];
const shape = ({ encodings }) => encodings.map(({ rid, scaleResolutionDownBy, scalabilityMode }) => [rid, scaleResolutionDownBy, scalabilityMode]);

test('VP8 and H.264 are sent by simulcast, the smallest first, none below 180p', () => {
  for (const codec of ['', 'video/VP8', 'video/H264', 'video/h264']) {
    assert.deepEqual(shape(best('auto', codec, 720)), [['l', 4, 'L1T2'], ['m', 2, 'L1T2'], ['h', 1, 'L1T2']]);
  }
  assert.deepEqual(best('auto', '', 1080).lines, [1080, 540, 270]);
  assert.deepEqual(best('auto', '', 540).lines, [540, 270]);
  assert.deepEqual(best('auto', '', 480).lines, [480, 240]);
  assert.deepEqual(best('auto', '', 360).lines, [360, 180]);
  assert.equal(best('auto', '', 270).kind, 'single');
  assert.equal(best('auto', '', 180).kind, 'single');
});

test('an upright picture counts by its shorter side', () => {
  assert.deepEqual(layerPlans({ layers: 'auto', width: 720, height: 1280 })[0].lines, [720, 360, 180]);
});

test('VP9 is sent by SVC, with as many sizes as are worth it', () => {
  assert.deepEqual(shape(best('auto', 'video/VP9', 720)), [[undefined, undefined, 'L3T3_KEY']]);
  assert.deepEqual(shape(best('auto', 'video/VP9', 540)), [[undefined, undefined, 'L2T3_KEY']]);
  assert.deepEqual(shape(best('auto', 'video/VP9', 180)), [[undefined, undefined, 'L1T3']]);
});

test('AV1 has one size unless several are chosen', () => {
  assert.deepEqual(shape(best('auto', 'video/AV1', 720)), [[undefined, undefined, 'L1T3']]);
  assert.equal(best('auto', 'video/AV1', 720).kind, 'single');
  assert.deepEqual(shape(best('svc', 'video/AV1', 720)), [[undefined, undefined, 'L3T3_KEY']]);
  assert.deepEqual(shape(best('simulcast2', 'video/AV1', 720)), [['l', 2, 'L1T2'], ['h', 1, 'L1T2']]);
});

test('what is chosen is planned, whatever the codec', () => {
  assert.deepEqual(best('simulcast2', 'video/VP8', 1080).lines, [1080, 540]);
  assert.deepEqual(best('simulcast3', 'video/VP9', 720).lines, [720, 360, 180]);
  assert.deepEqual(best('simulcast3', 'video/VP8', 360).lines, [360, 180]);
  assert.deepEqual(shape(best('single', 'video/VP9', 720)), [[undefined, undefined, undefined]]);
  assert.equal(best('svc', 'video/VP8', 720).kind, 'single');
  assert.equal(best('auto', 'video/H265', 720).kind, 'single');
});

test('a program that wishes for nothing sends once', () => {
  assert.equal(layerPlans({ width: 1280, height: 720 })[0].kind, 'single');
});

test('every wish ends in something that any browser takes', () => {
  for (const layers of ['auto', 'simulcast3', 'simulcast2', 'svc', 'single']) {
    for (const codec of ['', 'video/VP8', 'video/H264', 'video/VP9', 'video/AV1', 'video/H265']) {
      const [{ rid, scaleResolutionDownBy, scalabilityMode }, ...more] = plans(layers, codec, 720).at(-1).encodings;
      assert.deepEqual([rid, scaleResolutionDownBy, scalabilityMode, more], [undefined, undefined, undefined, []]);
    }
  }
});

test('simulcast without temporal layers comes before no simulcast', () => {
  assert.deepEqual(plans('auto', '', 720).map(({ kind, encodings }) => [kind, encodings.length, encodings[0].scalabilityMode]),
    [['simulcast', 3, 'L1T2'], ['simulcast', 3, undefined], ['single', 1, undefined]]);
});

test('bitrates follow the number of lines', () => {
  assert.deepEqual([1080, 720, 540, 360, 270, 180].map(bitrateFor), [4_500_000, 2_500_000, 1_400_000, 800_000, 450_000, 200_000]);
  let before = 0;
  for (let lines = 60; lines <= 2160; lines += 30) {
    assert.ok(bitrateFor(lines) > before, String(lines));
    before = bitrateFor(lines);
  }
});

test('without a limit each quality gets what it needs', () => {
  assert.deepEqual(best('auto', '', 720).encodings.map(({ maxBitrate }) => maxBitrate), [200_000, 800_000, 2_500_000]);
  assert.equal(best('auto', '', 720).maxBitrate, 3_500_000);
});

test('a limit is one of all together: less is taken from each, more goes to the best', () => {
  const low = best('auto', '', 720, { maxBitrate: 1_750_000 }).encodings.map(({ maxBitrate }) => maxBitrate);
  assert.deepEqual(low, [100_000, 400_000, 1_250_000]);
  const high = best('auto', '', 720, { maxBitrate: 8_000_000 }).encodings.map(({ maxBitrate }) => maxBitrate);
  assert.deepEqual(high, [200_000, 800_000, 7_000_000]);
  assert.equal(best('single', '', 720, { maxBitrate: 500_000 }).encodings[0].maxBitrate, 500_000);
});

test('several sizes in one stream may use more than one size, unless limited', () => {
  assert.equal(wholeBitrate(720, 'L3T3_KEY'), 3_250_000);
  assert.equal(wholeBitrate(720, 'L1T3'), 2_500_000);
  assert.equal(wholeBitrate(720, undefined), 2_500_000);
  assert.equal(wholeBitrate(720, 'L3T3_KEY', 1_000_000), 1_000_000);
});

test('of a smaller picture the last encodings are laid still, and the best is among the others', () => {
  const shapeOf = (lines) => shareOut(3, lines).map(({ active, scaleResolutionDownBy }) => (active ? scaleResolutionDownBy : 'still'));
  assert.deepEqual(shapeOf(720), [4, 2, 1]);
  assert.deepEqual(shapeOf(540), [2, 1, 'still']);
  assert.deepEqual(shapeOf(120), [1, 'still', 'still']);
  assert.deepEqual(shareOut(2, 1080).map(({ scaleResolutionDownBy }) => scaleResolutionDownBy), [2, 1]);
  assert.equal(shareOut(3, 360, 1_000_000).reduce((sum, { active, maxBitrate }) => sum + (active ? maxBitrate : 0), 0), 1_000_000);
});

test('a frame rate holds for every encoding', () => {
  assert.deepEqual(best('auto', '', 720, { maxFramerate: 25 }).encodings.map(({ maxFramerate }) => maxFramerate), [25, 25, 25]);
});

test('SVC without a codec means VP9; other codecs stay', () => {
  assert.equal(codecFor('svc', ''), 'video/VP9');
  assert.equal(codecFor('svc', 'video/AV1'), 'video/AV1');
  assert.equal(codecFor('auto', ''), '');
  assert.equal(canScale('video/VP9') && canScale('video/AV1'), true);
  assert.equal(canScale('video/VP8') || canScale(''), false);
});

test('a track that does not know its size yet has the size that was asked for', () => {
  const track = (settings) => ({ getSettings: () => settings });
  assert.deepEqual(sizeOf(track({ width: 640, height: 480 }), 720), { width: 640, height: 480 });
  assert.deepEqual(sizeOf(track({}), 360), { width: 640, height: 360 });
});

test('a plan is said in words', () => {
  assert.equal(describePlan(best('auto', '', 720)), '3 qualities (720p, 360p, 180p), together up to 3.5 Mbit/s. Viewers get what their network carries.');
  assert.equal(describePlan(best('svc', 'video/VP9', 540)), '2 qualities (540p, 270p) in one stream, up to 1.8 Mbit/s. Viewers get what their network carries.');
  assert.equal(describePlan(best('single', '', 720)), 'One quality (720p), up to 2.5 Mbit/s, the same for every viewer.');
});

test('the broadcaster hears when it is not as wished, and only then', () => {
  const [wished, plain, single] = plans('auto', '', 720);
  assert.equal(explainOutcome(wished, wished, wished.encodings), '');
  assert.equal(explainOutcome(wished, plain, plain.encodings), '');
  assert.match(explainOutcome(wished, single, single.encodings), /one/);
  assert.match(explainOutcome(wished, wished, wished.encodings.slice(0, 1)), /^One quality/);
  assert.match(explainOutcome(wished, wished, wished.encodings.slice(0, 2)), /Only 2/);

  const [svc, temporal] = plans('svc', 'video/VP9', 720);
  assert.equal(explainOutcome(svc, svc, svc.encodings), '');
  assert.match(explainOutcome(svc, svc, [{}]), /does not know SVC/);
  assert.match(explainOutcome(svc, temporal, temporal.encodings), /does not know SVC/);
  const once = best('single', '', 720);
  assert.equal(explainOutcome(once, once, []), '');
});
