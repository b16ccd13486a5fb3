import { bufferTargetOf } from '../link/buffer-policy.js';
import { createRates } from './rate.js';
import { find, selectedPair } from './reports.js';

/**
 * What a player can say about its reception.
 * @typedef {{
 *   bitsPerSecond?: number, framesPerSecond?: number, width?: number, height?: number, roundTripMs?: number,
 *   fractionLost?: number, jitterBufferMs?: number, bufferTargetMs?: number, latencyMs?: number, freezes?: number, frozenMs?: number,
 *   frozenMsPerSecond?: number, repaired?: number, videoCodec?: string, audioCodec?: string, candidate?: string }} InboundSample
 *   latencyMs: about how long ago what is shown left the server, which is half a round trip and the time from a packet's arrival to the
 *   decoded picture; what lies before the server no clock here tells. frozenMsPerSecond counts a freeze when it is over.
 */

/**
 * Makes a sampler for one player; it survives a change of connection.
 * @returns {(connection: RTCPeerConnection) => Promise<InboundSample>} To be called about once a second.
 */
export function createInboundSampler() {
  let rates = createRates();
  let sampled;
  return async (connection) => {
    if (connection !== sampled) {
      sampled = connection;
      rates = createRates();
    }
    const stats = await connection.getStats();
    const video = find(stats, (r) => r.type === 'inbound-rtp' && r.kind === 'video') ?? {};
    const audio = find(stats, (r) => r.type === 'inbound-rtp' && r.kind === 'audio') ?? {};
    const now = video.timestamp ?? audio.timestamp ?? performance.now();
    const lost = rates('lost', (video.packetsLost ?? 0) + (audio.packetsLost ?? 0), now);
    const received = rates('received', (video.packetsReceived ?? 0) + (audio.packetsReceived ?? 0), now);
    const held = rates('held', video.jitterBufferDelay ?? audio.jitterBufferDelay, now);
    const emitted = rates('emitted', video.jitterBufferEmittedCount ?? audio.jitterBufferEmittedCount, now);
    const decoded = rates('frames', video.framesDecoded, now);
    const processed = rates('processed', video.totalProcessingDelay, now);
    const jitterBufferMs = emitted > 0 ? (held / emitted) * 1000 : undefined;
    const pair = selectedPair(stats);
    return {
      ...pair,
      bitsPerSecond: times(8, rates('bytes', (video.bytesReceived ?? 0) + (audio.bytesReceived ?? 0), now)),
      framesPerSecond: decoded,
      width: video.frameWidth,
      height: video.frameHeight,
      fractionLost: lost + received > 0 ? lost / (lost + received) : received === undefined ? undefined : 0,
      jitterBufferMs,
      bufferTargetMs: bufferTargetOf(connection.getReceivers()[0]),
      latencyMs: sum(times(0.5, pair.roundTripMs), decoded > 0 ? times(1000 / decoded, processed) ?? jitterBufferMs : jitterBufferMs),
      freezes: video.freezeCount,
      frozenMs: times(1000, video.totalFreezesDuration),
      frozenMsPerSecond: times(1000, rates('frozen', video.totalFreezesDuration, now)),
      repaired: video.retransmittedPacketsReceived,
      videoCodec: stats.get(video.codecId)?.mimeType,
      audioCodec: stats.get(audio.codecId)?.mimeType,
    };
  };
}

function sum(a, b) {
  return a === undefined || b === undefined ? undefined : a + b;
}

function times(factor, value) {
  return value === undefined ? undefined : factor * value;
}
