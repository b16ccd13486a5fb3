import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGap, parseMoment, stateBadge } from '../../web/vod/words.js';

test('moments are read as people write them', () => {
  assert.deepEqual(['12', '1:20', '1:02:03', '0:07.5', ' 2,5 '].map(parseMoment), [12, 80, 3723, 7.5, 2.5]);
  for (const text of ['', 'x', '1:2:3:4', '1.5:20', '-3', '1:', ':5']) assert.ok(Number.isNaN(parseMoment(text)), text);
});

test('a gap says what is missing and why', () => {
  assert.equal(describeGap({ missing: ['video'], reason: 'lost' }), 'Picture missing: lost on the way');
  assert.equal(describeGap({ missing: ['video', 'audio'], reason: 'publisherAway' }), 'Picture and sound missing: the broadcaster was away');
  assert.equal(describeGap({ missing: ['audio'], reason: 'something new' }), 'Sound missing: something new');
});

test('a recording that is simply there has no badge', () => {
  assert.equal(stateBadge({ state: 'ready' }).text, '');
  assert.deepEqual(stateBadge({ state: 'recording' }), { text: 'Recording', kind: 'live' });
  assert.deepEqual(stateBadge({ state: 'interrupted' }), { text: 'Interrupted', kind: 'plain' });
});
