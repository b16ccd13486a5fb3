import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { SessionResource } from '../../web/shared/http/session-resource.js';
import { request } from '../../web/shared/http/request.js';

afterEach(() => mock.restoreAll());

/** What fetch makes of a 307 to another origin: the answer of the target, asked without Authorization. */
function answer(status, { url, redirected = false, headers = {}, body = '' } = {}) {
  const response = new Response(status === 204 ? null : body, { status, headers });
  Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  return response;
}

test('a 307 of a full node is followed, and the session is where it led to', async () => {
  const there = 'https://b.example/whep/live?redirected=1';
  mock.method(globalThis, 'fetch', async () => answer(201, { url: there, redirected: true, headers: { Location: '/whep/live/session1' }, body: 'v=0' }));
  const { resource, answer: sdp } = await SessionResource.create('https://a.example/whep/live', 'offer', undefined, 1000);
  assert.deepEqual([resource.url, sdp], ['https://b.example/whep/live/session1', 'v=0']);
});

test('the token that a redirect lost is given to the node that it led to', async () => {
  const there = 'https://b.example/whep/live?redirected=1';
  const sent = mock.method(globalThis, 'fetch', async (url) => url === there
    ? answer(201, { url: there })
    : answer(401, { url: there, redirected: true }));
  assert.equal((await request('https://a.example/whep/live', { method: 'POST', body: 'offer', token: 't' })).status, 201);
  const { method, body, headers } = sent.mock.calls[1].arguments[1];
  assert.deepEqual([method, body, headers.Authorization], ['POST', 'offer', 'Bearer t']);
});

test('a node without room says when to come again, and is no node that is gone', async () => {
  mock.method(globalThis, 'fetch', async (url) => answer(503, { url, headers: { 'Retry-After': '7', 'Content-Type': 'application/problem+json' }, body: '{"detail":"Full."}' }));
  await assert.rejects(request('https://a.example/whep/live'), ({ message, passing, unreachable, retryAfterMs }) => {
    assert.deepEqual({ message, passing, unreachable, retryAfterMs }, { message: 'Full.', passing: true, unreachable: false, retryAfterMs: 7000 });
    return true;
  });
});
