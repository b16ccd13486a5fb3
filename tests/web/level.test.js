import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf } from '../../web/publish/level-meter.js';

test('the meter runs from −60 dB to full scale, in decibels', () => {
  const constant = (value) => new Float32Array(64).fill(value);
  assert.equal(levelOf(constant(0)), 0);
  assert.equal(levelOf(constant(0.0001)), 0);
  assert.ok(Math.abs(levelOf(constant(0.0316228)) - 0.5) < 0.001); // −30 dB
  assert.equal(levelOf(constant(1)), 1);
});
