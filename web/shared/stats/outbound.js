import { createRates } from './rate.js';
import { find, selectedPair } from './reports.js';

/**
 * What a publisher can say about its sending.
 * @typedef {{
 *   bitsPerSecond?: number, framesPerSecond?: number, width?: number, height?: number, limitation?: string,
 *   roundTripMs?: number, fractionLost?: number, videoCodec?: string, audioCodec?: string, encoder?: string,
 *   candidate?: string, availableBitsPerSecond?: number }} OutboundSample limitation as `qualityLimitationReason`.
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
    const video = find(stats, (r) => r.type === 'outbound-rtp' && r.kind === 'video') ?? {};
    const audio = find(stats, (r) => r.type === 'outbound-rtp' && r.kind === 'audio') ?? {};
    const remote = stats.get(video.remoteId) ?? stats.get(audio.remoteId) ?? {};
    const now = video.timestamp ?? audio.timestamp ?? performance.now();
    const bytes = rates('bytes', (video.bytesSent ?? 0) + (audio.bytesSent ?? 0), now);
    const pair = selectedPair(stats);
    return {
      ...pair,
      roundTripMs: remote.roundTripTime === undefined ? pair.roundTripMs : remote.roundTripTime * 1000,
      bitsPerSecond: bytes === undefined ? undefined : bytes * 8,
      framesPerSecond: rates('frames', video.framesSent ?? video.framesEncoded, now),
      width: video.frameWidth,
      height: video.frameHeight,
      limitation: video.qualityLimitationReason,
      fractionLost: remote.fractionLost,
      videoCodec: stats.get(video.codecId)?.mimeType,
      audioCodec: stats.get(audio.codecId)?.mimeType,
      encoder: video.encoderImplementation,
    };
  };
}
