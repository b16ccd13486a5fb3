import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

globalThis.document = { baseURI: 'https://a.example/watch/live' };
globalThis.addEventListener ??= () => {};
globalThis.removeEventListener ??= () => {};
globalThis.MediaStream = class {};
globalThis.RTCPeerConnection = class {
  connectionState = 'new';
  addTransceiver() { return {}; }
  async createOffer() { return { type: 'offer', sdp: 'v=0\r\n' }; }
  async setLocalDescription() {}
  close() {}
};

const { WhepClient } = await import('../../web/shared/whep.js');

test('a player that is refused for lack of room asks again after Retry-After, and not before', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  mock.method(Math, 'random', () => 0);
  const asked = mock.method(globalThis, 'fetch', async () => new Response('{"detail":"Full."}', {
    status: 503, headers: { 'Retry-After': '7', 'Content-Type': 'application/problem+json' },
  }));
  const player = new WhepClient('/whep/live');
  const refused = new Promise((resolve) => {
    player.addEventListener('state', ({ detail }) => detail.error && resolve(detail));
  });
  player.start();
  const { state, error } = await refused;
  assert.deepEqual([state, error.message, asked.mock.callCount()], ['connecting', 'Full.', 1]);

  mock.timers.tick(6999);
  await settled();
  assert.equal(asked.mock.callCount(), 1);
  mock.timers.tick(1);
  await settled();
  assert.equal(asked.mock.callCount(), 2);
  player.stop();
  mock.timers.reset();
});

/** Until everything that waits for nothing but promises has run. */
function settled() {
  return new Promise((resolve) => { setImmediate(resolve); });
}
