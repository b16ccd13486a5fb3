import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, whySoundOnly } from '../../web/shared/layers/reasons.js';

const selected = (limit, more = {}) => ({ spatialLayerId: 0, temporalLayerId: 0, width: 640, height: 360, automatic: true, paused: false, limit, ...more });
const paused = (limit) => selected(limit, { paused: true });

test('each reason of the server is a sentence', () => {
  assert.equal(explain(selected('none')), 'The best there is.');
  assert.equal(explain(selected('node')), 'The server is busy and has no room for a better picture.');
  assert.equal(explain(selected('policy')), 'The operator limits this stream.');
  assert.match(explain(selected('keyframe')), /^Waiting for the next key picture/);
  assert.match(explain(selected('proof')), /^A better picture fits/);
  for (const limit of ['none', 'viewer', 'bandwidth', 'node', 'policy', 'keyframe', 'proof', 'something new']) assert.match(explain(selected(limit)), /^[A-Z].*\.$/);
});

test('a slow network is told with what it carries, as far as that is known', () => {
  assert.equal(explain(selected('bandwidth'), { estimatedBitsPerSecond: 1_234_000 }), 'Your network carries about 1.2\u00a0Mbit/s, not enough for more.');
  assert.equal(explain(selected('bandwidth')), 'Your network carries no more.');
});

test('a limit that comes from here says whether it was chosen or is the size', () => {
  assert.equal(explain(selected('viewer'), { quality: '360p', size: { width: 9, height: 9 } }), 'You chose 360p.');
  assert.equal(explain(selected('viewer'), { size: { width: 640, height: 360 } }), 'Shown no larger than 640 × 360 here.');
  assert.equal(explain(selected('viewer')), 'Shown no larger here.');
});

test('a chosen quality that does not come is explained by what keeps it away', () => {
  assert.match(explain(selected('bandwidth', { automatic: false }), { quality: '1080p' }), /network/);
});

test('sound without a picture is explained by the network or by the server', () => {
  assert.equal(explain(paused('bandwidth'), { estimatedBitsPerSecond: 90_400 }), 'Sound only: your network carries about 90\u00a0kbit/s, less than the smallest picture.');
  assert.equal(explain(paused('bandwidth')), 'Sound only: your network carries less than the smallest picture.');
  assert.match(explain(paused('node')), /^Sound only: the server/);
  assert.match(whySoundOnly(paused('node')), /server/);
  assert.match(whySoundOnly(paused('bandwidth')), /network/);
});

test('nothing is said while the server has said nothing', () => {
  assert.equal(explain(undefined), '');
});
