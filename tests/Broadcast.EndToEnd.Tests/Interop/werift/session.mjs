import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';

const video = new RTCRtpCodecParameters({
  mimeType: 'video/VP8',
  clockRate: 90000,
  payloadType: 96,
  rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
});
const audio = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 111 });

/** Ends the process by itself, whatever happens to the one that started it. */
export function endAfter(seconds) {
  setTimeout(() => process.exit(3), seconds * 1000).unref();
}

/** Tells the test what happened: one JSON object a line. */
export function report(event, details = {}) {
  console.log(JSON.stringify({ event, ...details }));
}

export function createPeer() {
  // The server under test listens on loopback only, which werift does not gather by itself.
  return new RTCPeerConnection({ codecs: { video: [video], audio: [audio] }, iceAdditionalHostAddresses: ['127.0.0.1'], iceUseIpv6: false });
}

/** WHIP and WHEP alike: POST the offer, take the answer. */
export async function connect(peer, url, token) {
  await peer.setLocalDescription(await peer.createOffer());
  const headers = { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url, { method: 'POST', headers, body: peer.localDescription.sdp });
  const body = await response.text();
  if (response.status !== 201) throw new Error(`${response.status}: ${body}`);
  await peer.setRemoteDescription({ type: 'answer', sdp: body });
  return new URL(response.headers.get('location'), url);
}

/** Ends the session at the server and here. */
export async function leave(peer, session, token) {
  const response = await fetch(session, { method: 'DELETE', headers: token ? { authorization: `Bearer ${token}` } : {} });
  report('left', { status: response.status });
  await peer.close();
  process.exit(0);
}
