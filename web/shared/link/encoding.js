import { shareOut, sizeOf, wholeBitrate } from '../layers/plan.js';

/**
 * What a publisher may decide about its encoders.
 * @typedef {{ codec?: string, layers?: import('../layers/plan.js').LayersWish, height?: number, maxBitrate?: number,
 *   maxFramerate?: number, degradationPreference?: 'balanced' | 'maintain-framerate' | 'maintain-resolution' }} Encoding
 *   codec: a MIME type such as `video/VP9`; height: as asked of the camera, for when the track does not say; maxBitrate
 *   in bit/s, of all qualities together, and maxFramerate concern video.
 */

/** Helpers of other codecs: they stay, whichever codec is preferred. */
const auxiliary = /\/(rtx|red|ulpfec|flexfec-03)$/i;

/**
 * Video codecs this browser can send.
 * @returns {string[]} MIME types, each once.
 */
export function sendableVideoCodecs() {
  const { codecs = [] } = globalThis.RTCRtpSender?.getCapabilities?.('video') ?? {};
  return [...new Set(codecs.map((codec) => codec.mimeType).filter((type) => !auxiliary.test(type)))];
}

/**
 * Puts one codec first. The others stay behind it, so that a server without it can still choose.
 * @param {RTCRtpTransceiver} transceiver
 * @param {string | undefined} mimeType
 */
export function preferCodec(transceiver, mimeType) {
  if (!mimeType || !transceiver.setCodecPreferences) return;
  const { codecs } = RTCRtpSender.getCapabilities('video');
  const wanted = (codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase();
  if (codecs.some(wanted)) transceiver.setCodecPreferences([...codecs.filter(wanted), ...codecs.filter((c) => !wanted(c))]);
}

/**
 * Applies limits to one sender; browsers differ in what they accept, and a missing limit is no reason to fail.
 * @param {RTCRtpSender} sender
 * @param {Encoding} encoding
 */
export async function applyEncoding(sender, { maxBitrate, maxFramerate, degradationPreference, height }) {
  if (sender.track?.kind !== 'video') return;
  try {
    const parameters = sender.getParameters();
    const { encodings } = parameters;
    if (!encodings?.length) return;
    const size = sizeOf(sender.track, height);
    const lines = Math.min(size.width, size.height);
    if (encodings.length > 1) {
      const shares = shareOut(encodings.length, lines, maxBitrate);
      encodings.forEach((encoding, index) => Object.assign(encoding, shares[index]));
    } else {
      encodings[0].maxBitrate = wholeBitrate(lines, encodings[0].scalabilityMode, maxBitrate);
    }
    for (const encoding of encodings) if (maxFramerate) encoding.maxFramerate = maxFramerate;
    if (degradationPreference) parameters.degradationPreference = degradationPreference;
    await sender.setParameters(parameters);
  } catch {
    // Firefox before 110 and Safari before 17 refuse some fields; they then decide by themselves.
  }
}
