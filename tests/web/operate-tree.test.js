import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, nest } from '../../web/operate/tree.js';

const node = (nodeId, parent = null) => ({ nodeId, parent });
const shape = (branches) => branches.map(({ node: { nodeId }, children }) => (children.length > 0 ? [nodeId, shape(children)] : nodeId));

test('everybody hangs below their parent, the publisher is on top', () => {
  const nodes = [node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b')];
  assert.deepEqual(shape(nest({ root: 'a', nodes })), [['a', [['b', ['d']], 'c']]]);
});

test('a node alone is a tree', () => {
  assert.deepEqual(shape(nest({ root: 'a', nodes: [node('a')] })), ['a']);
});

test('who has no parent, or one that is gone, stands apart with what hangs below', () => {
  const nodes = [node('a'), node('b'), node('c', 'gone'), node('d', 'c')];
  assert.deepEqual(shape(nest({ root: 'a', nodes })), ['a', 'b', ['c', ['d']]]);
});

test('a circle is shown once and has an end', () => {
  assert.deepEqual(shape(nest({ root: null, nodes: [node('a', 'b'), node('b', 'a')] })), [['a', ['b']]]);
});

test('counts say one and many', () => {
  assert.deepEqual([counted(0, 'node', 'nodes'), counted(1, 'node', 'nodes'), counted(2, 'node', 'nodes')], ['0 nodes', '1 node', '2 nodes']);
});
