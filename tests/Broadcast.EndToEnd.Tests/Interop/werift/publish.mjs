// node publish.mjs WHIP_URL TOKEN — publishes FFmpeg's test picture and a tone until standard input ends.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MediaStreamTrack } from 'werift';
import { connect, createPeer, endAfter, leave, report } from './session.mjs';

const [url, token] = process.argv.slice(2);
endAfter(120);

/** A track fed with the RTP that FFmpeg sends to a socket. */
async function receiveInto(kind) {
  const track = new MediaStreamTrack({ kind });
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (packet) => {
    // FFmpeg's RTCP comes to the next port; this one sees media only.
    if (peer.connectionState === 'connected') track.writeRtp(packet);
  });
  return { track, target: `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200` };
}

const peer = createPeer();
const video = await receiveInto('video');
const audio = await receiveInto('audio');
peer.addTransceiver(audio.track, { direction: 'sendonly' });
peer.addTransceiver(video.track, { direction: 'sendonly' });
const session = await connect(peer, url, token);
peer.connectionStateChange.subscribe((state) => report('state', { state }));

const ffmpeg = spawn('ffmpeg', [
  '-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-re', '-f', 'lavfi', '-i', 'sine=frequency=440',
  '-map', '0:v', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '600k', '-g', '30', '-f', 'rtp', '-payload_type', '96', video.target,
  '-map', '1:a', '-c:a', 'libopus', '-ar', '48000', '-ac', '2', '-f', 'rtp', '-payload_type', '111', audio.target,
], { stdio: ['ignore', 'ignore', 'inherit'] });
process.on('exit', () => ffmpeg.kill('SIGKILL'));

process.stdin.resume();
process.stdin.on('end', () => leave(peer, session, token));
