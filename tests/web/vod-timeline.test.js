import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline, entryPoint, initLength, partAt } from '../../web/shared/vod/timeline.js';

const webm = 'video/webm; codecs="vp8, opus"';
const file = (name, start, duration, type = webm) => ({ name, url: `/vod/x/files/${name}`, type, start, duration });

test('a position lies in the part that has it, between two in the next, after the last in the last', () => {
  const parts = [{ start: 0, duration: 10 }, { start: 15, duration: 10 }];
  assert.deepEqual([0, 9.9, 10, 12, 15, 24, 30].map((position) => partAt(parts, position)), [0, 0, 1, 1, 1, 1, 1]);
  assert.equal(partAt([], 3), -1);
});

test('of the same stretch in two containers the one is played that the browser knows', () => {
  const timeline = new Timeline({ state: 'ready', files: [file('part-1.mkv', 0, 10, 'video/x-matroska'), file('part-1.mp4', 0.01, 10, 'video/mp4'), file('part-2.webm', 10, 5)] });
  const names = (plays) => timeline.playlist(plays).map(({ name }) => name);
  assert.deepEqual(names((type) => type !== 'video/x-matroska'), ['part-1.mp4', 'part-2.webm']);
  assert.deepEqual(names(() => false), ['part-1.mkv', 'part-2.webm']); // the browser shall say what is wrong
});

test('the duration goes to the end of what can be played, and segments count only without files', () => {
  const timeline = new Timeline({ state: 'recording', segments: [{ start: 60, duration: 5 }, { start: 0, duration: 60 }] });
  assert.equal(timeline.duration, 65);
  assert.deepEqual([timeline.isGrowing, timeline.isSegmented], [true, true]);
  assert.deepEqual(timeline.segments.map(({ start }) => start), [0, 60]);
  assert.equal(new Timeline({ state: 'ready', files: [file('a.webm', 0, 3)], segments: [{ start: 0, duration: 3 }] }).isSegmented, false);
});

test('what came since is put behind what was known', () => {
  const segment = (number, boundaries, complete = false) => ({ number, start: number * 60, duration: boundaries.at(-1)?.[0] ?? 0, bytes: boundaries.at(-1)?.[1] ?? 0, complete, boundaries });
  const index = (state, ...segments) => ({ state, files: [], segments, gaps: [] });
  const known = new Timeline(index('recording', segment(1, [[10, 100]], true), segment(2, [[1, 10], [2, 20]])));
  assert.equal(known.place, '2,20');
  assert.equal(new Timeline(index('recording')).place, undefined);

  // One that grows, and one that is complete and has another behind it.
  const grown = known.grown(index('recording', { ...segment(2, [[3, 30]]), duration: 3 }));
  assert.deepEqual(grown.segments.map(({ number, boundaries }) => [number, boundaries]), [[1, [[10, 100]]], [2, [[1, 10], [2, 20], [3, 30]]]]);
  const on = grown.grown(index('recording', { ...segment(2, []), bytes: 35, duration: 3.5, complete: true }, segment(3, [[1, 10]])));
  assert.deepEqual(on.segments.map(({ number, bytes, complete, boundaries }) => [number, bytes, complete, boundaries.length]), [[1, 100, true, 1], [2, 35, true, 3], [3, 10, false, 1]]);

  // A server that knows nothing of it tells all; an empty segment goes again; files take the place of segments.
  assert.deepEqual(known.grown(index('recording', segment(1, [[10, 100]], true), segment(2, [[1, 10], [2, 20], [3, 30]]))).segments.map(({ number }) => number), [1, 2]);
  assert.deepEqual(known.grown(index('recording', segment(3, []))).segments.map(({ number }) => number), [1, 3]);
  const ready = known.grown({ state: 'ready', files: [file('part-1.webm', 0, 10)], segments: [], gaps: [] });
  assert.deepEqual([ready.segments.length, ready.files.length], [0, 1]);
});

test('only a gap without picture and sound is stepped over', () => {
  const timeline = new Timeline({
    state: 'ready', files: [],
    gaps: [{ at: 10, duration: 4, missing: ['video', 'audio'] }, { at: 30, duration: 4, missing: ['video'] }],
  });
  assert.equal(timeline.gapAfter(11), 3);
  assert.equal(timeline.gapAfter(9.8).toFixed(1), '4.2'); // media ended a moment before
  assert.equal(timeline.gapAfter(31), 0);
  assert.equal(timeline.gapAfter(14), 0);
});

test('a position has a tile on a sheet, the last one up to the end', () => {
  const previews = [{ start: 100, duration: 200, sprites: ['/1.jpg', '/2.jpg'], interval: 2, tileWidth: 160, tileHeight: 90, columns: 5, rows: 2, tiles: 17 }];
  const timeline = new Timeline({ state: 'ready', previews });
  assert.deepEqual(timeline.preview(107), { url: '/1.jpg', x: 480, y: 0, width: 160, height: 90 });
  assert.deepEqual(timeline.preview(121), { url: '/2.jpg', x: 0, y: 0, width: 160, height: 90 });
  assert.deepEqual(timeline.preview(300), { url: '/2.jpg', x: 160, y: 90, width: 160, height: 90 });
  assert.equal(timeline.preview(99), undefined);
});

test('reading begins at the last boundary before a position', () => {
  const boundaries = [[1, 1000], [2, 2000], [3.5, 3000]];
  assert.deepEqual(entryPoint({ boundaries }, 0.5), { byte: 0, time: 0 });
  assert.deepEqual(entryPoint({ boundaries }, 2), { byte: 2000, time: 2 });
  assert.deepEqual(entryPoint({ boundaries }, 99), { byte: 3000, time: 3.5 });
  assert.deepEqual(entryPoint({ boundaries: [] }, 99), { byte: 0, time: 0 });
});

test('what comes before the media ends where the first cluster or fragment begins', () => {
  assert.equal(initLength(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 0, 0, 0x1f, 0x43, 0xb6, 0x75, 1)), 6);
  assert.equal(initLength(Uint8Array.of(0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70, 0, 0, 1, 0, 0x6d, 0x6f, 0x6f, 0x66)), 8);
  assert.equal(initLength(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3)), undefined);
});
