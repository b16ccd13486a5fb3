import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLayers } from '../../web/shared/layers/layers-event.js';

const simulcast = {
  1: {
    active: [{ id: 'h', encodingId: 'h', simulcastIdx: 1, spatialLayerId: 0, bitrate: 2_500_000, width: 1280, height: 720, fps: 30 }],
    inactive: [{ id: 'f', encodingId: 'f', simulcastIdx: 2, spatialLayerId: 0, width: 1920, height: 1080 }],
    layers: [
      { encodingId: 'h', rid: 'h', spatialLayerId: 0, temporalLayerId: 1, bitrate: 2_500_000, width: 1280, height: 720, fps: 30 },
      { encodingId: 'h', rid: 'h', spatialLayerId: 0, temporalLayerId: 0, width: 1280, height: 720 },
      { encodingId: 'l', rid: 'l', spatialLayerId: 0, temporalLayerId: 0, bitrate: 200_000, width: 320, height: 180, fps: 15 },
    ],
    selected: { encodingId: 'h', spatialLayerId: 0, temporalLayerId: 1, width: 1280, height: 720, automatic: true, paused: false, limit: 'bandwidth' },
  },
};

test('temporal layers of one picture are one quality, and the best comes first', () => {
  const { layers, mediaId, known } = readLayers(simulcast);
  assert.deepEqual(layers.map(({ encodingId, height, active }) => [encodingId, height, active]), [['f', 1080, false], ['h', 720, true], ['l', 180, true]]);
  assert.deepEqual(layers[1], {
    encodingId: 'h', spatialLayerId: 0, width: 1280, height: 720, framesPerSecond: 30, bitsPerSecond: 2_500_000, active: true });
  assert.equal(mediaId, '1');
  assert.equal(known, true);
});

test('what this session gets comes with it', () => {
  assert.deepEqual(readLayers(simulcast).selected, {
    encodingId: 'h', spatialLayerId: 0, temporalLayerId: 1, width: 1280, height: 720, automatic: true, paused: false, limit: 'bandwidth' });
  assert.equal(readLayers({ 0: { active: [], inactive: [], layers: [] } }).selected, undefined);
  assert.equal(readLayers({ 0: { active: [], selected: { paused: true } } }).selected.paused, true);
});

test('spatial layers of one encoding are several qualities', () => {
  const entry = (spatialLayerId, width, height) => ({ spatialLayerId, temporalLayerId: 0, bitrate: 1, width, height });
  const { layers } = readLayers({ 0: { active: [], inactive: [], layers: [entry(0, 320, 180), entry(1, 640, 360), entry(2, 1280, 720)] } });
  assert.deepEqual(layers.map(({ spatialLayerId, height }) => [spatialLayerId, height]), [[2, 720], [1, 360], [0, 180]]);
});

test('the bare array of later drafts says the same, and bits say what is sent', () => {
  const { layers } = readLayers({ 0: [
    { rid: '2', spatialLayerId: 0, temporalLayerId: 1, targetBitrate: 2_000_000, width: 1280, height: 720 },
    { rid: '1', spatialLayerId: 0, temporalLayerId: 1, bitrate: 557_112, width: 640, height: 360 },
    { rid: '1', spatialLayerId: 0, temporalLayerId: 0, bitrate: 343_592, width: 640, height: 360 },
  ] });
  assert.deepEqual(layers.map(({ encodingId, bitsPerSecond, active }) => [encodingId, bitsPerSecond, active]), [['2', undefined, false], ['1', 557_112, true]]);
});

test('no layers mean no video; nothing said means nothing known', () => {
  for (const empty of [{ 1: { active: [], inactive: [], layers: [] } }, { 1: [] }]) {
    assert.deepEqual(readLayers(empty).layers, []);
    assert.equal(readLayers(empty).known, true);
  }
  for (const nothing of [{}, null, undefined, { 1: null }, { 1: 5 }]) {
    assert.equal(readLayers(nothing).known, false);
  }
});

test('what cannot be read is left out', () => {
  const { layers } = readLayers({ 0: { active: [null, 7, { encodingId: 5, width: 'wide', height: -1, bitrate: NaN }], layers: 'none' } });
  assert.deepEqual(layers, [
    { encodingId: undefined, spatialLayerId: 0, width: 0, height: 0, framesPerSecond: undefined, bitsPerSecond: undefined, active: true }]);
});
