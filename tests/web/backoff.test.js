import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../web/shared/link/backoff.js';

test('waits double from 250 ms and stop growing at the maximum', () => {
  const backoff = new Backoff({ maximumMs: 1000, random: () => 1 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [250, 500, 1000, 1000, 1000]);
});

test('jitter takes away up to half', () => {
  const backoff = new Backoff({ random: () => 0 });
  assert.deepEqual([backoff.next(), backoff.next()], [125, 250]);
});

test('the server’s Retry-After is never undercut', () => {
  for (const random of [0, 0.5, 0.999]) {
    const wait = new Backoff({ random: () => random }).next(3000);
    assert.ok(wait >= 3000 && wait <= 3750, String(wait));
  }
});

test('after a success the first wait is short again', () => {
  const backoff = new Backoff({ random: () => 1 });
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 250);
});

test('the first loss after a success is not waited for, the next ones are', () => {
  const backoff = new Backoff({ random: () => 1 });
  assert.deepEqual([1, 2, 3].map(() => backoff.nextAfterLoss()), [0, 250, 500]);
  backoff.reset();
  assert.equal(backoff.nextAfterLoss(), 0);
});

test('after attempts that failed a loss waits like the rest', () => {
  const backoff = new Backoff({ random: () => 1 });
  backoff.next();
  assert.equal(backoff.nextAfterLoss(), 500);
});
