import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyFragment, buildFragment } from '../../web/shared/sdp/fragment.js';

const local = [
  'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=ice-ufrag:EsAw', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1', 'a=mid:0',
  'm=video 0 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:EsAw', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1', 'a=mid:1', ''].join('\r\n');
const candidate = 'candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1';

test('RFC 9725 §4.3.2: candidates stand under the first media section, with credentials above', () => {
  assert.equal(buildFragment(local, [{ candidate, sdpMid: '0' }], { complete: true }), [
    'a=group:BUNDLE 0 1', 'a=ice-options:trickle ice2', 'a=ice-ufrag:EsAw', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', `a=${candidate}`, 'a=end-of-candidates', ''].join('\r\n'));
});

test('candidates go to the section they name, by mid or else by index', () => {
  const lines = buildFragment(local, [{ candidate, sdpMid: '1' }, { candidate, sdpMLineIndex: 0 }]).split('\r\n');
  assert.ok(lines.indexOf('a=mid:1') > lines.indexOf(`a=${candidate}`));
  assert.equal(lines.filter((line) => line === `a=${candidate}`).length, 2);
  assert.ok(!lines.includes('a=end-of-candidates'));
});

test('a restart before anything was gathered names the credentials only', () => {
  const fragment = buildFragment(local, []);
  assert.match(fragment, /a=ice-ufrag:EsAw\r\n/);
  assert.doesNotMatch(fragment, /candidate/);
});

test('a restart answer replaces credentials and candidates in every section', () => {
  const remote = [
    'v=0', 's=-', 'a=ice-lite', 'a=group:BUNDLE 0 1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=ice-ufrag:old1', 'a=ice-pwd:oldoldoldoldoldoldoldold', 'a=candidate:1 1 udp 1 192.0.2.9 1 typ host', 'a=end-of-candidates', 'a=mid:0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:old1', 'a=ice-pwd:oldoldoldoldoldoldoldold', 'a=mid:1', ''].join('\r\n');
  const fragment = 'a=ice-lite\r\na=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnewnew\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:2 1 udp 2 192.0.2.8 2 typ host\r\na=end-of-candidates\r\n';
  const lines = applyFragment(remote, fragment).split('\r\n');
  assert.equal(lines.filter((line) => line === 'a=ice-ufrag:new1').length, 2);
  assert.equal(lines.filter((line) => line === 'a=ice-pwd:newnewnewnewnewnewnewnew').length, 2);
  assert.deepEqual(lines.filter((line) => line.startsWith('a=candidate')), ['a=candidate:2 1 udp 2 192.0.2.8 2 typ host']);
  assert.ok(lines.includes('a=ice-lite') && lines.includes('a=mid:1') && !lines.some((line) => line.includes('old')));
});

test('a restart answer without credentials is refused', () => {
  assert.throws(() => applyFragment(local, 'a=ice-ufrag:only\r\n'));
});
