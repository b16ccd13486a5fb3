import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordered } from '../../web/operate/tables/order.js';
import { windowOf } from '../../web/operate/tables/window.js';

const rows = [{ id: 'b', viewers: 3, name: 'Evening news' }, { id: 'a', viewers: 3, name: 'Morning news' }, { id: 'c', viewers: null, name: 'Test card' }, { id: 'd', viewers: 10, name: 'Sport' }];
const ids = (how) => ordered(rows, { text: (row) => row.name, filter: '', value: (row) => row.viewers, descending: false, ...how }).map(({ id }) => id);

test('rows are in the order of a column, equal ones in that of their ids, unknown ones first or last', () => {
  assert.deepEqual(ids({}), ['c', 'a', 'b', 'd']);
  assert.deepEqual(ids({ descending: true }), ['d', 'a', 'b', 'c']);
});

test('a filter wants every word, wherever it is and however it is written', () => {
  assert.deepEqual(ids({ filter: 'NEWS' }), ['a', 'b']);
  assert.deepEqual(ids({ filter: ' news  even ' }), ['b']);
  assert.deepEqual(ids({ filter: 'nothing' }), []);
});

test('only rows in view and some more are there', () => {
  assert.deepEqual(windowOf({ count: 1000, rowHeight: 44, top: 0, height: 440 }), { first: 0, end: 16 });
  assert.deepEqual(windowOf({ count: 1000, rowHeight: 44, top: 44_000 - 440, height: 440 }), { first: 984, end: 1000 });
  assert.deepEqual(windowOf({ count: 3, rowHeight: 44, top: 0, height: 440 }), { first: 0, end: 3 });
});

test('a table that has become shorter than it was scrolled shows its end', () => {
  const { first, end } = windowOf({ count: 10, rowHeight: 44, top: 44_000, height: 440 });
  assert.equal(end, 10);
  assert.ok(first <= 4);
});
