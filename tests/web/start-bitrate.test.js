import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withStartBitrate } from '../../web/shared/sdp/start-bitrate.js';

const answer = [
  'v=0', 's=-', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 stereo=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96',
  'a=rtpmap:102 H264/90000', 'a=fmtp:102 packetization-mode=1', ''].join('\r\n');

test('each video codec gets the start bitrate in kbit/s, beside what it has', () => {
  const sdp = withStartBitrate(answer, 1_250_000);
  assert.match(sdp, /a=rtpmap:96 VP8\/90000\r\na=fmtp:96 x-google-start-bitrate=1250\r\n/);
  assert.match(sdp, /a=fmtp:102 packetization-mode=1;x-google-start-bitrate=1250\r\n/);
});

test('retransmission and sound stay as they are', () => {
  const sdp = withStartBitrate(answer, 1_250_000);
  assert.match(sdp, /a=fmtp:97 apt=96\r\n/);
  assert.match(sdp, /a=fmtp:111 stereo=1\r\n/);
});
