import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOpusStereo } from '../../web/shared/sdp/stereo.js';

const offer = (audio) => [
  'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0', ...audio, ''].join('\r\n');

test('Opus asks for stereo beside what it asked for', () => {
  const sdp = withOpusStereo(offer(['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:0 PCMU/8000']));
  assert.match(sdp, /a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n/);
  assert.match(sdp, /a=fmtp:96 x=1\r\n/);
});

test('Opus without parameters gets its line', () => {
  assert.match(withOpusStereo(offer(['a=rtpmap:111 opus/48000/2'])), /a=rtpmap:111 opus\/48000\/2\r\na=fmtp:111 stereo=1\r\n/);
});

test('a second run changes nothing, and stereo=0 is overruled', () => {
  const once = withOpusStereo(offer(['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 stereo=0; useinbandfec=1']));
  assert.match(once, /a=fmtp:111 useinbandfec=1;stereo=1\r\n/);
  assert.equal(withOpusStereo(once), once);
});

test('an offer without Opus stays as it is', () => {
  const sdp = offer(['a=rtpmap:0 PCMU/8000']);
  assert.equal(withOpusStereo(sdp), sdp);
});
