import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyUpdate, Table } from '../../web/operate/feed/table.js';

const fresh = () => new Table(['a', 'b', 'c']);

test('a new row is told whole, a known one by the columns that have changed', () => {
  const table = fresh();
  assert.equal(table.apply([[], [['x', -1, 1, 'two', null]]]), true);
  assert.deepEqual(table.rows.get('x'), { id: 'x', a: 1, b: 'two', c: null });
  table.apply([[], [['x', 0b101, 7, 9]]]);
  assert.deepEqual(table.rows.get('x'), { id: 'x', a: 7, b: 'two', c: 9 });
});

test('a row that has changed is another object, one that has not is the same', () => {
  const table = fresh();
  table.apply([[], [['x', -1, 1, 2, 3], ['y', -1, 1, 2, 3]]]);
  const [x, y] = [table.rows.get('x'), table.rows.get('y')];
  table.apply([[], [['x', 1, 5]]]);
  assert.notEqual(table.rows.get('x'), x);
  assert.equal(table.rows.get('y'), y);
});

test('rows that are gone are removed, and an empty change is none', () => {
  const table = fresh();
  table.apply([[], [['x', -1, 1, 2, 3]]]);
  assert.equal(table.apply([[], []]), false);
  assert.equal(table.apply([['x'], []]), true);
  assert.equal(table.rows.size, 0);
});

test('an update since nothing replaces all that was known before, as after a reconnect', () => {
  const tables = [fresh(), fresh()];
  applyUpdate(tables, [4, 0, 0, [[[], [['old', -1, 1, 2, 3]]], [[], [['old', -1, 1, 2, 3]]]]]);
  assert.deepEqual(applyUpdate(tables, [5, 4, 0, [[[], []], [[], [['new', -1, 1, 2, 3]]]]]), [false, true]);
  assert.deepEqual(applyUpdate(tables, [1, 0, 0, [[[], [['x', -1, 1, 2, 3]]], [[], []]]]), [true, true]);
  assert.deepEqual(tables.map((table) => [...table.rows.keys()]), [['x'], []]);
});
