import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeQuality, layerName, layerRequest, nearest, qualitiesOf, qualityMenu, readQuality,
} from '../../web/shared/layers/qualities.js';
import { noLayers } from '../../web/shared/layers/layers-event.js';

const layer = (encodingId, width, height, more = {}) => ({ encodingId, spatialLayerId: 0, width, height, active: true, ...more });
const three = [layer('h', 1920, 1080, { bitsPerSecond: 4_500_000 }), layer('m', 1280, 720), layer('l', 640, 360)];
const known = (layers, selected) => ({ layers, selected, known: true });
const names = (choices) => choices.map(({ quality }) => quality);

test('a quality is read as people write it', () => {
  assert.equal(readQuality('720p'), '720p');
  assert.equal(readQuality(' 1080 '), '1080p');
  assert.equal(readQuality('720P'), '720p');
  for (const other of ['auto', '', null, undefined, 'best', '-5p', '720i']) assert.equal(readQuality(other), 'auto');
});

test('qualities are named by the shorter side, the best first', () => {
  assert.deepEqual(names(qualitiesOf(three)), ['1080p', '720p', '360p']);
  assert.deepEqual(names(qualitiesOf([layer('a', 360, 640), layer('b', 1080, 1920)])), ['1080p', '360p']);
});

test('there is nothing to choose with one quality, or when the others are not sent or of unknown size', () => {
  assert.deepEqual(qualitiesOf([three[0]]), []);
  assert.deepEqual(qualitiesOf([three[0], { ...three[1], active: false }]), []);
  assert.deepEqual(qualitiesOf([three[0], layer('x', 0, 0)]), []);
});

test('of two layers of one size the one with more bits is meant', () => {
  const same = [layer('a', 640, 360, { bitsPerSecond: 100 }), layer('b', 640, 360, { bitsPerSecond: 900 }), layer('c', 320, 180)];
  assert.deepEqual(qualitiesOf(same).map((choice) => choice.layer.encodingId), ['b', 'c']);
});

test('a wish finds the best that is not better, or the least', () => {
  const choices = qualitiesOf(three);
  assert.equal(nearest('720p', choices).quality, '720p');
  assert.equal(nearest('900p', choices).quality, '720p');
  assert.equal(nearest('2160p', choices).quality, '1080p');
  assert.equal(nearest('144p', choices).quality, '360p');
  assert.equal(nearest('720p', []), undefined);
});

test('automatic is limited by the size at which the picture is shown, an exact choice is not', () => {
  const size = { width: 320, height: 180 };
  assert.deepEqual(layerRequest('auto', known(three), size), { maxWidth: 320, maxHeight: 180 });
  assert.deepEqual(layerRequest('auto', known(three), undefined), {});
  assert.deepEqual(layerRequest('720p', known(three), size), { encodingId: 'm' });
});

test('spatial layers are asked for by number, with the encoding where there are several', () => {
  const spatial = [0, 1, 2].map((id) => ({ ...layer(undefined, 320 << id, 180 << id), spatialLayerId: id })).reverse();
  assert.deepEqual(layerRequest('360p', known(spatial)), { spatialLayerId: 1 });
  const both = [layer('h', 1280, 720), { ...layer('l', 640, 360), spatialLayerId: 1 }, layer('l', 320, 180)];
  assert.deepEqual(layerRequest('360p', known(both)), { encodingId: 'l', spatialLayerId: 1 });
  assert.deepEqual(layerRequest('720p', known(both)), { encodingId: 'h' });
});

test('a wish is told as a height until the layers are known, and not at all where there is one', () => {
  assert.deepEqual(layerRequest('720p', noLayers, { width: 5, height: 5 }), { maxHeight: 720 });
  assert.deepEqual(layerRequest('720p', known([three[0]])), {});
});

test('the menu marks what was chosen, and the nearest when that is not there', () => {
  const selected = { width: 1280, height: 720, paused: false };
  const automatic = qualityMenu('auto', known(three, selected));
  assert.deepEqual(automatic.items.map(({ label, detail, checked }) => [label, detail, checked]),
    [['Auto', '720p', true], ['1080p', '4.5\u00a0Mbit/s', false], ['720p', '', false], ['360p', '', false]]);
  assert.equal(automatic.now, '720p');
  assert.deepEqual(qualityMenu('540p', known(three, selected)).items.filter(({ checked }) => checked).map(({ quality }) => quality), ['360p']);
  assert.deepEqual(qualityMenu('720p', known(three, selected)).items[0], { quality: 'auto', label: 'Auto', detail: '', checked: false });
});

test('the menu is empty when there is nothing to choose', () => {
  assert.deepEqual(qualityMenu('auto', known([three[0]])).items, []);
  assert.deepEqual(qualityMenu('720p', noLayers).items, []);
});

test('what is shown now is said, as far as it is known', () => {
  assert.deepEqual(describeQuality('auto', undefined), { automatic: true, now: '' });
  assert.deepEqual(describeQuality('720p', undefined), { automatic: false, now: '720p' });
  assert.deepEqual(describeQuality('720p', { width: 640, height: 360, paused: false }), { automatic: false, now: '360p' });
  assert.deepEqual(describeQuality('auto', { width: 640, height: 360, paused: true }), { automatic: true, now: '' });
});

test('a layer is named by its encoding, its spatial layer, or both', () => {
  assert.equal(layerName({ encodingId: 'h', spatialLayerId: 0 }), 'h');
  assert.equal(layerName({ spatialLayerId: 2 }), 'S2');
  assert.equal(layerName({ encodingId: 'h', spatialLayerId: 1 }), 'h S1');
  assert.equal(layerName({ spatialLayerId: 0 }), '');
});
