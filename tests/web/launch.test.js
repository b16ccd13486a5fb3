import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Launch } from '../../web/publish/launch.js';
import { Studio } from '../../web/publish/studio.js';

class FakeTrack extends EventTarget {
  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {}
}

globalThis.MediaStream = class {
  constructor(tracks = []) { this.tracks = tracks; }
  getTracks() { return this.tracks; }
  getAudioTracks() { return this.tracks.filter(({ kind }) => kind === 'audio'); }
  getVideoTracks() { return this.tracks.filter(({ kind }) => kind === 'video'); }
};

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

const settings = { source: 'camera', camera: '', microphone: '', height: 720, fps: 30 };
let asked;
let studio;
let launch;

/** Devices that open when the test says so: asked.video.resolve(), asked.audio.reject(). */
beforeEach(() => {
  asked = { audio: deferred(), video: deferred() };
  const getUserMedia = async ({ video }) => {
    const kind = video ? 'video' : 'audio';
    await asked[kind].promise;
    return new MediaStream([new FakeTrack(kind)]);
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia } } });
  studio = new Studio();
  launch = new Launch(studio, openAll);
});

function openAll() {
  studio.openSound(settings);
  studio.openPicture(settings);
}

const kinds = () => studio.stream.getTracks().map(({ kind }) => kind).sort();

/** Resolves with the first stream that has this many tracks. */
const streamOf = (count) => new Promise((resolve) => {
  studio.addEventListener('stream', ({ detail: { stream } }) => stream.getTracks().length === count && resolve());
});

test('going live while devices open waits for the last of them', async () => {
  openAll();
  const soundOpen = streamOf(1);
  let answer;
  const prepared = launch.prepare().then((result) => { answer = result; });
  asked.audio.resolve();
  await soundOpen;
  assert.equal(answer, undefined);
  assert.equal(launch.waiting, true);
  let later = 0;
  asked.video.resolve();
  await prepared;
  studio.addEventListener('stream', () => { later += 1; });
  assert.equal(answer, 'ready');
  assert.deepEqual(kinds(), ['audio', 'video']);
  await studio.settled();
  assert.equal(later, 0, 'nothing arrives after the session has begun');
  assert.equal(launch.waiting, false);
});

test('with nothing open yet, going live opens what is chosen', async () => {
  asked.audio.resolve();
  asked.video.resolve();
  assert.equal(await launch.prepare(), 'ready');
  assert.deepEqual(kinds(), ['audio', 'video']);
});

test('with everything open, nothing is opened again', async () => {
  asked.audio.resolve();
  asked.video.resolve();
  openAll();
  await studio.settled();
  const before = studio.stream;
  assert.equal(await launch.prepare(), 'ready');
  assert.equal(studio.stream, before);
});

test('a change of the settings meanwhile is waited for too', async () => {
  openAll();
  const prepared = launch.prepare();
  asked.audio.resolve();
  asked.video.resolve();
  studio.openPicture({ ...settings, source: 'none' });
  assert.equal(await prepared, 'ready');
  assert.deepEqual(kinds(), ['audio']);
});

test('cancelling ends the waiting; the devices open all the same', async () => {
  const prepared = launch.prepare();
  launch.cancel();
  assert.equal(launch.waiting, false);
  asked.audio.resolve();
  asked.video.resolve();
  assert.equal(await prepared, 'cancelled');
  assert.deepEqual(kinds(), ['audio', 'video']);
});

test('of two attempts only the one that was not cancelled goes live', async () => {
  const first = launch.prepare();
  launch.cancel();
  const second = launch.prepare();
  asked.audio.resolve();
  asked.video.resolve();
  assert.deepEqual(await Promise.all([first, second]), ['cancelled', 'ready']);
});

test('a camera that fails does not turn a broadcast into sound only by itself', async () => {
  const prepared = launch.prepare();
  asked.audio.resolve();
  asked.video.reject(Object.assign(new Error(), { name: 'NotAllowedError' }));
  assert.equal(await prepared, 'incomplete');
  assert.equal(await launch.prepare(), 'ready', 'asked again, what there is goes out');
});

test('without any device there is nothing to go live with', async () => {
  const prepared = launch.prepare();
  for (const { reject } of Object.values(asked)) reject(Object.assign(new Error(), { name: 'NotFoundError' }));
  assert.equal(await prepared, 'empty');
});
