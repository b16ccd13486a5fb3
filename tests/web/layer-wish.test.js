import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { readLayers } from '../../web/shared/layers/layers-event.js';
import { LayerWish } from '../../web/shared/layers/layer-wish.js';

let requests;
let answers;
const fetchBefore = globalThis.fetch;

/** Every request waits until answer() is called. */
beforeEach(() => {
  requests = [];
  answers = [];
  globalThis.fetch = (url, { body, headers }) => new Promise((resolve) => {
    requests.push({ url, body: JSON.parse(body), authorization: headers.Authorization });
    answers.push((status, more = {}) => resolve(new Response(null, { status, headers: more })));
  });
});
afterEach(() => { globalThis.fetch = fetchBefore; });

const session = (name) => ({ extension: (relation) => (relation === 'urn:ietf:params:whep:ext:core:layer' ? `https://node/${name}/layer` : undefined) });
const bodies = () => requests.map(({ body }) => body);
const turn = () => new Promise((resolve) => { setImmediate(resolve); });
const answer = async (status = 204, more) => {
  answers.shift()(status, more);
  await turn();
};
const said = (...heights) => readLayers({ 0: { active: heights.map((height) => ({ encodingId: `r${height}`, width: height * 2, height, bitrate: height })) } });

test('a session hears of a wish, with the token', async () => {
  const wish = new LayerWish('secret');
  wish.size = { width: 320, height: 180 };
  wish.attach(session('one'));
  assert.deepEqual(requests, [{ url: 'https://node/one/layer', body: { maxWidth: 320, maxHeight: 180 }, authorization: 'Bearer secret' }]);
  await answer();
});

test('nothing is asked for what every session begins with', () => {
  new LayerWish().attach(session('one'));
  assert.deepEqual(requests, []);
});

test('what a session was begun with is not told again, and what changed meanwhile is', async () => {
  const wish = new LayerWish();
  wish.size = { width: 320, height: 180 };
  const { opening } = wish;
  assert.deepEqual(opening, { maxWidth: 320, maxHeight: 180 });
  wish.attach(session('one'), opening);
  assert.deepEqual(requests, []);
  wish.size = { width: 640, height: 360 };
  await answer();
  wish.attach(session('two'), opening);
  assert.deepEqual(bodies(), [{ maxWidth: 640, maxHeight: 360 }, { maxWidth: 640, maxHeight: 360 }]);
  await answer();
});

test('a session is begun with limits, never with a layer that may have gone', () => {
  const wish = new LayerWish();
  assert.deepEqual(wish.opening, {});
  wish.layers = said(720, 360);
  wish.quality = '360p';
  assert.deepEqual(wish.opening, { maxHeight: 360 });
});

test('a server without the extension is left alone', () => {
  const wish = new LayerWish();
  wish.quality = '720p';
  wish.attach({ extension: () => undefined });
  assert.deepEqual(requests, []);
});

test('the choice holds for the session that follows', async () => {
  const wish = new LayerWish();
  const first = wish.attach(session('one'));
  wish.layers = said(720, 360);
  wish.quality = '360p';
  await answer();
  first.stop();
  wish.attach(session('two'));
  assert.deepEqual(requests.map(({ url, body }) => [url, body]), [
    ['https://node/one/layer', { encodingId: 'r360' }], ['https://node/two/layer', { encodingId: 'r360' }]]);
  await answer();
});

test('other layers are another request for the same wish', async () => {
  const wish = new LayerWish();
  wish.attach(session('one'));
  wish.quality = '360p';
  await answer();
  wish.layers = said(720, 360);
  await answer();
  wish.layers = said(720, 360);
  wish.layers = said(540, 270);
  await answer();
  assert.deepEqual(bodies(), [{ maxHeight: 360 }, { encodingId: 'r360' }, { encodingId: 'r270' }]);
});

test('while a request is under way only the last wish waits', async () => {
  const wish = new LayerWish();
  wish.attach(session('one'));
  wish.size = { width: 100, height: 100 };
  for (const side of [200, 300, 400]) wish.size = { width: side, height: side };
  assert.equal(requests.length, 1);
  await answer();
  assert.deepEqual(bodies().at(-1), { maxWidth: 400, maxHeight: 400 });
  assert.equal(requests.length, 2);
  await answer();
  assert.equal(requests.length, 2);
});

test('a layer that has gone is not asked for again by itself', async () => {
  const wish = new LayerWish();
  wish.layers = said(720, 360);
  wish.quality = '720p';
  wish.attach(session('one'));
  await answer(422);
  assert.equal(requests.length, 1);
  wish.layers = said(360, 180);
  assert.deepEqual(bodies().at(-1), { encodingId: 'r360' });
  await answer();
});

test('a server that is busy is asked again after the time it names', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const wish = new LayerWish();
  wish.size = { width: 5, height: 5 };
  const attached = wish.attach(session('one'));
  await answer(429, { 'Retry-After': '7' });
  t.mock.timers.tick(6999);
  assert.equal(requests.length, 1);
  t.mock.timers.tick(1);
  assert.deepEqual(bodies(), [{ maxWidth: 5, maxHeight: 5 }, { maxWidth: 5, maxHeight: 5 }]);
  await answer(503, { 'Retry-After': '7' });
  attached.stop();
  t.mock.timers.tick(60_000);
  assert.equal(requests.length, 2);
});
