import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureProblem, publishProblem } from '../../web/publish/errors.js';

const named = (name) => Object.assign(new Error('technical'), { name });

test('a refused or missing device is said in words that help', () => {
  assert.match(captureProblem('camera', named('NotAllowedError')), /Allow it/);
  assert.match(captureProblem('microphone', named('NotFoundError')), /No microphone/);
  assert.match(captureProblem('camera', named('NotReadableError')), /Another program/);
});

test('closing the screen chooser is no problem', () => {
  assert.equal(captureProblem('screen', named('NotAllowedError')), undefined);
});

test('a refused publication says where the right link is; a passing one that it goes on', () => {
  assert.match(publishProblem({ status: 401, message: 'No token.' }), /publish link/);
  assert.match(publishProblem({ status: 503, message: 'Full.' }), /Trying again/);
  assert.equal(publishProblem({ status: 422, message: 'Bad offer.' }), 'Bad offer.');
});
