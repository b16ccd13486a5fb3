import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../web/shared/link/places.js';

const own = 'https://a.example/whep/live';
const others = ['https://b.example/whep/live', 'https://c.example/whep/live'];
const session = { url: 'https://a.example/whep/live/1', alternates: others, openedInMs: 100 };

test('before the first session, and without other nodes, there is only the own place', () => {
  const places = new Places(own);
  assert.equal(places.current, own);
  assert.equal(places.patienceMs, undefined);
  assert.equal(places.moveOn(), false);
  assert.equal(places.current, own);
});

test('a node that died is left for others at once, and the own place is tried last', () => {
  const places = new Places(own);
  places.learn(session);
  places.leaveNode();
  const tried = [places.current];
  while (places.moveOn()) tried.push(places.current);
  assert.deepEqual(tried, [...others, own]);
  assert.equal(places.current, others[0]); // and so on, after a while
});

test('behind a name of several nodes the own place comes first', () => {
  const places = new Places(own);
  places.learn({ ...session, url: 'https://b.example/whep/live/1' });
  places.leaveNode();
  assert.equal(places.current, own);
  assert.equal(places.moveOn(), true);
  assert.equal(places.current, others[0]);
});

test('a new session makes the own place the first again', () => {
  const places = new Places(own);
  places.learn(session);
  places.leaveNode();
  places.learn({ ...session, url: 'https://b.example/whep/live/1', alternates: [own, others[1]] });
  assert.equal(places.current, own);
  assert.equal(places.moveOn(), true);
  assert.equal(places.current, others[1]); // the own place is not tried twice
  assert.equal(places.moveOn(), false);
});

test('the token by which a viewer stays the same goes wherever it goes, and is kept until there is a newer one', () => {
  const places = new Places(own + '?maxWidth=3');
  places.learn({ ...session, resume: 'x.y' });
  places.learn(session);
  assert.equal(places.current, own + '?maxWidth=3&resume=x.y');
  places.moveOn();
  assert.equal(places.current, others[0] + '?resume=x.y');
});

test('with others to go to an attempt may not last, but no shorter than a far server needs', () => {
  const places = new Places(own);
  places.learn(session);
  assert.equal(places.patienceMs, 2500);
  places.learn({ ...session, openedInMs: 1200 });
  assert.equal(places.patienceMs, 3600);
});
