// node watch.mjs WHEP_URL — receives until standard input ends and tells once a second what came.
import { connect, createPeer, endAfter, leave, report } from './session.mjs';

const [url] = process.argv.slice(2);
endAfter(120);

const counts = {};

/** VP8 (RFC 7741): the first packet of a picture whose frame header says key frame. */
function startsKeyframe(payload) {
  if (payload.length < 2 || (payload[0] & 0x17) !== 0x10) return false;
  let header = 1;
  if (payload[0] & 0x80) {
    const extensions = payload[1];
    header = 2;
    if (extensions & 0x80) header += payload[header] & 0x80 ? 2 : 1;
    if (extensions & 0x40) header += 1;
    if (extensions & 0x30) header += 1;
  }
  return header < payload.length && (payload[header] & 1) === 0;
}

function count(track) {
  const seen = (counts[track.kind] = {
    packets: 0, gaps: 0, keyframes: 0, firstIsKeyframe: false, timestampsBack: 0, mediaSeconds: 0, senderReports: 0, ssrcs: [],
  });
  const clockRate = track.kind === 'video' ? 90000 : 48000;
  let last = null;
  let first = null;
  track.onReceiveRtp.subscribe(({ header, payload }) => {
    if (!seen.ssrcs.includes(header.ssrc)) seen.ssrcs.push(header.ssrc);
    if (track.kind === 'video' && startsKeyframe(payload)) {
      seen.keyframes++;
      if (seen.packets === 0) seen.firstIsKeyframe = true;
    }
    seen.packets++;
    first ??= header.timestamp;
    if (last) {
      const step = (header.sequenceNumber - last.sequenceNumber) & 0xffff;
      if (step !== 1) seen.gaps++;
      if (((header.timestamp - last.timestamp) >>> 0) > 0x7fffffff) seen.timestampsBack++;
    }
    last = { sequenceNumber: header.sequenceNumber, timestamp: header.timestamp };
    seen.mediaSeconds = ((header.timestamp - first) >>> 0) / clockRate;
  });
  track.onReceiveRtcp.subscribe((packet) => {
    if (packet.type === 200) seen.senderReports++;
  });
}

const peer = createPeer();
for (const kind of ['audio', 'video']) {
  const transceiver = peer.addTransceiver(kind, { direction: 'recvonly' });
  transceiver.onTrack.subscribe((track) => count(track));
}
peer.connectionStateChange.subscribe((state) => report('state', { state }));
const session = await connect(peer, url);
setInterval(() => report('counts', counts), 1000);
process.stdin.resume();
process.stdin.on('end', () => leave(peer, session));
