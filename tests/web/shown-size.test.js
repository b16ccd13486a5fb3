import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenPixels, worthTelling } from '../../web/shared/layers/shown-size.js';

test('a box covers whole pixels of the screen, rounded up', () => {
  assert.deepEqual(screenPixels({ width: 320, height: 180 }, 1), { width: 320, height: 180 });
  assert.deepEqual(screenPixels({ width: 320.2, height: 180 }, 1.5), { width: 481, height: 270 });
});

test('what is not shown has no size', () => {
  assert.equal(screenPixels({ width: 0, height: 0 }, 2), undefined);
  assert.equal(screenPixels({ width: 300, height: 0 }, 2), undefined);
});

test('a fifth more or less on either side is worth telling, less is not', () => {
  const told = { width: 1000, height: 500 };
  for (const same of [told, { width: 1200, height: 600 }, { width: 800, height: 400 }]) assert.equal(worthTelling(told, same), false);
  for (const other of [{ width: 1201, height: 500 }, { width: 1000, height: 399 }, { width: 320, height: 180 }]) assert.equal(worthTelling(told, other), true);
});

test('small steps add up', () => {
  let told = { width: 1000, height: 1000 };
  let tellings = 0;
  for (let side = 1000; side <= 2000; side += 50) {
    if (!worthTelling(told, { width: side, height: side })) continue;
    told = { width: side, height: side };
    tellings++;
  }
  assert.equal(tellings, 3);
});

test('the limit comes and goes with full screen', () => {
  assert.equal(worthTelling(undefined, { width: 10, height: 10 }), true);
  assert.equal(worthTelling({ width: 10, height: 10 }, undefined), true);
  assert.equal(worthTelling(undefined, undefined), false);
});
