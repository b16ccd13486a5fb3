import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRelation, iceServersOf, parseLinkHeader } from '../../web/shared/http/link-header.js';

test('RFC 9725 §4.6: the ICE servers of the example', () => {
  const links = parseLinkHeader(
    '<stun:stun.example.net>; rel="ice-server", '
    + '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="user"; credential="myPassword"; credential-type="password"');
  assert.deepEqual(iceServersOf(links), [
    { urls: 'stun:stun.example.net' },
    { urls: 'turn:turn.example.net?transport=udp', username: 'user', credential: 'myPassword' },
  ]);
});

test('commas and semicolons inside quotes belong to the value', () => {
  const [link, ...rest] = parseLinkHeader('<turn:a>;rel=ice-server;username="17:a,b;c";credential="x\\"y=="');
  assert.equal(rest.length, 0);
  assert.equal(link.parameters.get('username'), '17:a,b;c');
  assert.equal(link.parameters.get('credential'), 'x"y==');
});

test('an extension is found by its relation, also among several in one rel', () => {
  const links = parseLinkHeader('</a>; rel="next other", </events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive"');
  assert.equal(findRelation(links, 'other'), '/a');
  assert.equal(findRelation(links, 'urn:ietf:params:whep:ext:core:server-sent-events'), '/events');
  assert.equal(findRelation(links, 'missing'), undefined);
});

test('a link of another scheme is no ICE server', () => {
  assert.deepEqual(iceServersOf(parseLinkHeader('<https://example.net>; rel="ice-server"')), []);
});

test('nothing and nonsense give no links', () => {
  for (const header of [null, undefined, '', 'nonsense', '<unclosed; rel=x', ',,;']) assert.deepEqual(parseLinkHeader(header), []);
});
