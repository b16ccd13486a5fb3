import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourcePresence } from '../../web/shared/link/source-presence.js';

test('a source whose leaving nobody announced is present', () => {
  const source = new SourcePresence();
  assert.equal(source.absent, false);
  assert.equal(source.onMedia(5000), true);
});

test('media first counted just after the publisher left is the last of it', () => {
  const source = new SourcePresence();
  source.leave(10_000);
  assert.equal(source.onMedia(10_150), false);
  assert.equal(source.onMedia(10_900), false);
  assert.equal(source.absent, true);
});

test('media that comes later shows that the publisher is back, even if no event says so', () => {
  const source = new SourcePresence();
  source.leave(10_000);
  assert.equal(source.onMedia(11_200), true);
  assert.equal(source.absent, false);
});

test('saying again that the publisher left does not make old media older', () => {
  const source = new SourcePresence();
  source.leave(10_000);
  source.leave(11_500);
  assert.equal(source.onMedia(11_600), true);
});

test('after the publisher returned its media counts at once', () => {
  const source = new SourcePresence();
  source.leave(10_000);
  source.return();
  assert.equal(source.onMedia(10_100), true);
});
