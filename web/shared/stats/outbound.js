import { createRates } from './rate.js';
import { find, selectedPair } from './reports.js';
import { sentLayers, sentVideo } from './sent-layers.js';

/**
 * What a publisher can say about its sending.
 * @typedef {{
 *   bitsPerSecond?: number, framesPerSecond?: number, width?: number, height?: number, limitation?: string,
 *   roundTripMs?: number, fractionLost?: number, videoCodec?: string, audioCodec?: string, encoder?: string,
 *   candidate?: string, availableBitsPerSecond?: number, layers: import('./sent-layers.js').SentLayer[] }} OutboundSample
 *   bitsPerSecond of everything; the picture is the best that is being sent; limitation, as `qualityLimitationReason`,
 *   is what keeps the best from being better.
 */

/**
 * Makes a sampler for one publisher; it survives a change of connection.
 * @returns {(connection: RTCPeerConnection) => Promise<OutboundSample>} To be called about once a second.
 */
export function createOutboundSampler() {
  let rates = createRates();
  let sampled;
  return async (connection) => {
    if (connection !== sampled) {
      sampled = connection;
      rates = createRates();
    }
    const stats = await connection.getStats();
    const videos = sentVideo(stats);
    const layers = sentLayers(videos, rates);
    const best = Math.max(0, layers.findIndex(({ active }) => active));
    const video = videos[best] ?? {};
    const audio = find(stats, (r) => r.type === 'outbound-rtp' && r.kind === 'audio') ?? {};
    const remote = stats.get(video.remoteId) ?? stats.get(audio.remoteId) ?? {};
    const now = video.timestamp ?? audio.timestamp ?? performance.now();
    const sent = [...videos, audio].reduce((sum, { bytesSent = 0 }) => sum + bytesSent, 0);
    const bytes = rates('bytes', sent, now);
    const pair = selectedPair(stats);
    return {
      ...pair,
      roundTripMs: remote.roundTripTime === undefined ? pair.roundTripMs : remote.roundTripTime * 1000,
      bitsPerSecond: bytes === undefined ? undefined : bytes * 8,
      framesPerSecond: layers[best]?.framesPerSecond,
      width: video.frameWidth,
      height: video.frameHeight,
      limitation: layers.find(({ limitation }) => limitation)?.limitation,
      fractionLost: remote.fractionLost,
      videoCodec: stats.get(video.codecId)?.mimeType,
      audioCodec: stats.get(audio.codecId)?.mimeType,
      encoder: encoderName(video.encoderImplementation),
      layers,
    };
  };
}

/** Simulcast has an encoder for each picture, and names them all: `SimulcastEncoderAdapter (libvpx, libvpx)`. */
function encoderName(implementation) {
  const [, several] = /\((.*)\)$/.exec(implementation ?? '') ?? [];
  return several ? [...new Set(several.split(', '))].join(', ') : implementation;
}
