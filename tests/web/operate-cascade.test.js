import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut } from '../../web/operate/cascade/layout.js';
import { edgesOf, mostEdges, progressOf, Scene } from '../../web/operate/cascade/scene.js';

const nodes = (count, regions) => Array.from({ length: count }, (_, index) => ({ id: `n${String(index).padStart(3, '0')}`, region: `r${index % regions}` }));

for (const [count, regions, width] of [[1, 1, 320], [3, 1, 358], [3, 3, 358], [8, 2, 1200], [12, 1, 358], [40, 5, 1200], [200, 8, 1200], [200, 8, 358]]) {
  test(`${count} nodes in ${regions} regions on ${width} pixels stand within their boxes and apart`, () => {
    const { places, regions: boxes, height, radius } = layOut(nodes(count, regions), width);
    assert.equal(places.size, count);
    assert.equal(boxes.length, regions);
    for (const box of boxes) assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
    const all = [...places.values()];
    for (const [index, a] of all.entries()) {
      assert.ok(boxes.some((box) => a.x - radius >= box.x && a.x + radius <= box.x + box.width && a.y - radius >= box.y && a.y + radius <= box.y + box.height));
      for (const b of all.slice(index + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 2 * radius);
    }
  });
}

test('the same nodes stand at the same places in whatever order they come', () => {
  const some = nodes(20, 3);
  assert.deepEqual(layOut(some, 900), layOut([...some].reverse(), 900));
});

const edge = (key, from) => ({ key, from, to: key, dashed: false, row: {} });

test('an edge that gets another parent moves there, and does not vanish', () => {
  const scene = new Scene();
  scene.update([edge('c', 'a')], 0, false);
  scene.update([edge('c', 'b')], 10_000, false);
  const [moving] = scene.edges;
  assert.deepEqual([moving.before, moving.from], ['a', 'b']);
  assert.equal(progressOf(moving, 10_000).moved, 0);
  assert.equal(progressOf(moving, 10_000).seen, 1);
  assert.equal(progressOf(moving, 11_000).moved, 1);
  assert.equal(scene.isMoving(10_300), true);
  assert.equal(scene.isMoving(11_000), false);
});

test('an edge that goes fades and is forgotten; without motion it is gone at once', () => {
  const scene = new Scene();
  scene.update([edge('c', 'a'), edge('d', 'a')], 0, false);
  scene.update([edge('c', 'a')], 5_000, false);
  assert.equal([...scene.edges].length, 2);
  assert.equal(progressOf([...scene.edges][1], 6_000).seen, 0);
  scene.update([edge('c', 'a')], 6_000, false);
  assert.equal([...scene.edges].length, 1);
  scene.update([], 7_000, true);
  assert.equal([...scene.edges].length, 0);
  scene.update([edge('c', 'b')], 8_000, true);
  assert.equal(scene.isMoving(8_000), false);
});

test('of very many links the busiest are drawn, of a followed stream its parents and standbys', () => {
  const links = new Map(Array.from({ length: mostEdges + 50 }, (_, index) => [`l${index}`, { id: `l${index}`, parent: 'a', child: 'b', streams: 1, bits: index }]));
  const drawn = edgesOf(links, undefined);
  assert.equal(drawn.length, mostEdges);
  assert.ok(drawn.every(({ row }) => row.bits >= 50));
  // What is drawn stays while it is about as busy as the others.
  const kept = edgesOf(links, undefined, (key) => key === 'l20');
  assert.ok(kept.some(({ key }) => key === 'l20'));
  assert.equal(kept.length, mostEdges);
  const places = new Map([['a', { id: 'a', root: 1, parent: null, standby: null }], ['b', { id: 'b', parent: 'a', standby: 'c' }]]);
  assert.deepEqual(edgesOf(links, places).map(({ from, to, dashed }) => [from, to, dashed]), [['a', 'b', false], ['c', 'b', true]]);
});
