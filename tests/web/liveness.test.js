import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Liveness } from '../../web/shared/link/liveness.js';

const tickMs = 150;

/** A session whose server answers as told, watched by ticks. */
class Rig {
  answer = 'alive';
  askedAtMs = [];
  losses = [];
  nowMs = 0;
  liveness = new Liveness({
    ask: async () => {
      this.askedAtMs.push(this.nowMs);
      return this.answer;
    },
    onLost: (gone) => this.losses.push({ atMs: this.nowMs, gone }),
  });

  /** Ticks with this verdict; each answer arrives before the next tick. */
  async tick(verdict, count = 1) {
    for (let i = 0; i < count; i++) {
      this.nowMs += tickMs;
      this.liveness.tick(verdict, this.nowMs);
      await new Promise(setImmediate);
    }
  }

  async alarm() {
    this.liveness.alarm(this.nowMs);
    await new Promise(setImmediate);
  }
}

test('while media flows, or is merely quiet, nobody is asked', async () => {
  const rig = new Rig();
  for (let i = 0; i < 50; i++) await rig.tick(i % 3 ? 'quiet' : 'media');
  assert.deepEqual(rig.askedAtMs, []);
});

for (const answer of ['gone', 'refused', 'silent']) {
  test(`suspect media and the answer “${answer}” are a loss at once, and only once`, async () => {
    const rig = new Rig();
    rig.answer = answer;
    await rig.tick('media', 5);
    await rig.tick('suspect', 20);
    assert.deepEqual(rig.losses, [{ atMs: 6 * tickMs, gone: answer === 'gone' }]);
    assert.equal(rig.askedAtMs.length, 1);
  });
}

test('a session that lives is asked about ever more rarely, and never lost', async () => {
  const rig = new Rig();
  await rig.tick('suspect', 400);
  const spacings = rig.askedAtMs.slice(1).map((at, index) => at - rig.askedAtMs[index]);
  assert.ok(spacings.every((spacing, index) => spacing >= 1000 * 2 ** (index + 1)), String(spacings));
  assert.ok(spacings.length >= 3);
  assert.deepEqual(rig.losses, []);
});

test('media that comes and goes once a second does not bring back short spacings', async () => {
  const rig = new Rig();
  for (let second = 0; second < 60; second++) {
    await rig.tick('media');
    await rig.tick('suspect', 6);
  }
  assert.ok(rig.askedAtMs.length <= 6, String(rig.askedAtMs));
});

test('after a calm time the first question is asked at once again', async () => {
  const rig = new Rig();
  await rig.tick('suspect', 100);
  await rig.tick('media', 80);
  const before = rig.askedAtMs.length;
  await rig.tick('suspect');
  assert.equal(rig.askedAtMs.length, before + 1);
});

test('an alarm asks at once, in spite of a long spacing, but not twice within a second', async () => {
  const rig = new Rig();
  await rig.tick('suspect', 100);
  await rig.tick('media', 7);
  const before = rig.askedAtMs.length;
  await rig.alarm();
  assert.equal(rig.askedAtMs.length, before + 1);
  await rig.alarm();
  assert.equal(rig.askedAtMs.length, before + 1);
  await rig.tick('media', 7);
  assert.equal(rig.askedAtMs.length, before + 2, 'The second alarm is late, not forgotten.');
});

test('a server that refuses is believed at the first tick without media', async () => {
  const rig = new Rig();
  rig.answer = 'refused';
  await rig.tick('media', 5);
  await rig.alarm();
  await rig.tick('media');
  assert.deepEqual(rig.losses, []);
  await rig.tick('quiet');
  assert.equal(rig.losses.length, 1);
});

test('media that goes on flowing is not stopped by an HTTP server that refuses', async () => {
  const rig = new Rig();
  rig.answer = 'refused';
  await rig.tick('media', 5);
  await rig.alarm();
  await rig.tick('media', 10);
  await rig.tick('quiet', 2);
  assert.deepEqual(rig.losses, []);
});

test('a session that is gone is lost while its last media still arrives', async () => {
  const rig = new Rig();
  rig.answer = 'gone';
  await rig.tick('media', 5);
  await rig.alarm();
  await rig.tick('media', 5);
  assert.equal(rig.losses.length, 1);
});

test('an answer that is late for media that came back is no answer', async () => {
  const rig = new Rig();
  let late;
  const liveness = new Liveness({ ask: () => new Promise((resolve) => { late = resolve; }), onLost: () => rig.losses.push({}) });
  liveness.tick('suspect', 0);
  liveness.tick('media', 150);
  liveness.tick('quiet', 300);
  late('silent');
  await new Promise(setImmediate);
  assert.deepEqual(rig.losses, []);
});

test('after media came back it can be lost again', async () => {
  const rig = new Rig();
  rig.answer = 'refused';
  await rig.tick('suspect');
  await rig.tick('media', 10);
  await rig.tick('suspect');
  assert.equal(rig.losses.length, 2);
});

test('nothing is reported after the end', async () => {
  const rig = new Rig();
  rig.answer = 'gone';
  rig.liveness.tick('suspect', 0);
  rig.liveness.stop();
  await rig.tick('suspect', 5);
  assert.deepEqual(rig.losses, []);
  assert.equal(rig.askedAtMs.length, 1);
});
