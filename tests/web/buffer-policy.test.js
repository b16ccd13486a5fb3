import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bufferTargetOf, createBufferPolicy, readDamage, setBufferTarget } from '../../web/shared/link/buffer-policy.js';

/** A player whose network is told second by second. */
class Rig {
  #policy = createBufferPolicy();
  #nowMs = 0;
  #damage = { lost: 0, asked: 0, repaired: 0, freezes: 0 };

  /** So many seconds, in each of which the counters grow by this. @returns The target after them. */
  pass(seconds, { roundTripMs = 200, ...grown } = {}) {
    let target;
    for (let i = 0; i < seconds; i++) {
      this.#nowMs += 1000;
      for (const [name, by] of Object.entries(grown)) this.#damage[name] += by;
      target = this.#policy({ ...this.#damage, roundTripMs }, this.#nowMs);
    }
    return target;
  }

  newSession() {
    for (const name of Object.keys(this.#damage)) this.#damage[name] = 0;
  }
}

const lossy = { lost: 7, asked: 5, repaired: 6 };

test('without damage nothing is held back', () => {
  assert.equal(new Rig().pass(60), 0);
});

test('counters that are high from the start are no damage', () => {
  const policy = createBufferPolicy();
  assert.equal(policy({ lost: 500, asked: 300, repaired: 400, freezes: 9, roundTripMs: 200 }, 0), 0);
});

test('packets that are repaired raise it within two seconds to what repairs take', () => {
  const rig = new Rig();
  rig.pass(5);
  assert.equal(rig.pass(2, lossy), 3.5 * 200 + 50);
});

test('it follows the round trip, up to a limit', () => {
  const near = new Rig();
  const far = new Rig();
  near.pass(1);
  far.pass(1);
  assert.equal(near.pass(3, { ...lossy, roundTripMs: 20 }), 120);
  assert.equal(far.pass(3, { ...lossy, roundTripMs: 600 }), 800);
});

for (const name of ['lost', 'asked', 'repaired']) {
  test(`each counter is enough: ${name}`, () => {
    const rig = new Rig();
    rig.pass(1);
    assert.ok(rig.pass(3, { [name]: 3 }) > 0);
  });
}

test('one stray loss is not worth any latency, unless the picture froze', () => {
  const rig = new Rig();
  rig.pass(1);
  rig.pass(1, { lost: 1, asked: 1, repaired: 1 });
  assert.equal(rig.pass(10), 0);
  assert.ok(rig.pass(1, { lost: 1, freezes: 1 }) > 0);
});

test('freezes without damage are the source’s', () => {
  const rig = new Rig();
  rig.pass(1);
  assert.equal(rig.pass(20, { freezes: 1 }), 0);
});

test('freezes that go on in spite of it raise it further', () => {
  const rig = new Rig();
  rig.pass(1);
  const first = rig.pass(2, { ...lossy, roundTripMs: 50 });
  const later = rig.pass(20, { ...lossy, freezes: 1, roundTripMs: 50 });
  assert.ok(later > first, `${first}, ${later}`);
  assert.ok(rig.pass(300, { ...lossy, freezes: 1, roundTripMs: 50 }) <= 800);
});

test('it stays while there is damage, stays 20 s more, then goes slowly and all the way', () => {
  const rig = new Rig();
  rig.pass(1);
  const raised = rig.pass(60, lossy);
  assert.equal(rig.pass(19), raised);
  const after = rig.pass(5);
  assert.ok(after < raised && after >= raised - 300, `${raised}, ${after}`);
  assert.equal(rig.pass(30), 0);
});

test('damage on the way down brings it back', () => {
  const rig = new Rig();
  rig.pass(1);
  const raised = rig.pass(3, lossy);
  assert.ok(rig.pass(28) < raised);
  assert.equal(rig.pass(2, lossy), raised);
});

test('a new session begins anew, with the buffer of the old one', () => {
  const rig = new Rig();
  rig.pass(1);
  const raised = rig.pass(3, lossy);
  rig.newSession();
  assert.equal(rig.pass(3), raised);
});

test('damage is read from all tracks', () => {
  const stats = new Map([
    ['a', { type: 'inbound-rtp', kind: 'audio', packetsLost: 1 }],
    ['v', { type: 'inbound-rtp', kind: 'video', packetsLost: 2, nackCount: 3, retransmittedPacketsReceived: 4, freezeCount: 5 }],
    ['o', { type: 'outbound-rtp', kind: 'video', nackCount: 100 }],
    ['t', { type: 'transport', selectedCandidatePairId: 'p' }],
    ['p', { type: 'candidate-pair', currentRoundTripTime: 0.2 }],
  ]);
  assert.deepEqual(readDamage(stats), { lost: 3, asked: 3, repaired: 4, freezes: 5, roundTripMs: 200 });
});

test('a target is asked for by either name, and read back', () => {
  const [newer, older, neither] = [{ jitterBufferTarget: null }, { playoutDelayHint: null }, {}];
  for (const receiver of [newer, older, neither]) setBufferTarget(receiver, 300);
  assert.deepEqual([newer, older, neither], [{ jitterBufferTarget: 300 }, { playoutDelayHint: 0.3 }, {}]);
  assert.deepEqual([newer, older, neither].map(bufferTargetOf), [300, 300, undefined]);
});
