import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetryAfter } from '../../web/shared/http/retry-after.js';
import { SignallingError } from '../../web/shared/http/signalling-error.js';

test('seconds and dates', () => {
  const now = Date.parse('Fri, 31 Dec 1999 23:59:50 GMT');
  assert.equal(parseRetryAfter('2'), 2000);
  assert.equal(parseRetryAfter('Fri, 31 Dec 1999 23:59:59 GMT', now), 9000);
  assert.equal(parseRetryAfter('Fri, 31 Dec 1999 23:59:00 GMT', now), 0);
});

test('absent, unreadable and absurd values', () => {
  for (const header of [null, '', 'soon', '-1 apples']) assert.equal(parseRetryAfter(header), undefined);
  assert.equal(parseRetryAfter('99999999'), 3_600_000);
});

test('a problem document becomes a sentence, a status and a wait', async () => {
  const response = new Response(JSON.stringify({ title: 'Not live', detail: 'Nobody publishes “demo” now.' }), {
    status: 409, headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '1' },
  });
  const error = await SignallingError.of(response);
  assert.equal(error.message, 'Nobody publishes “demo” now.');
  assert.deepEqual([error.status, error.retryAfterMs, error.passing], [409, 1000, true]);
});

test('a refusal without a document still has a sentence, and is final', async () => {
  const error = await SignallingError.of(new Response('<html>', { status: 403, headers: { 'Content-Type': 'text/html' } }));
  assert.match(error.message, /token/);
  assert.equal(error.passing, false);
});
