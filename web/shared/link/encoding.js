/**
 * What a publisher may decide about its encoders.
 * @typedef {{ codec?: string, maxBitrate?: number, maxFramerate?: number,
 *   degradationPreference?: 'balanced' | 'maintain-framerate' | 'maintain-resolution' }} Encoding
 *   codec: a MIME type such as `video/VP9`; maxBitrate in bit/s and maxFramerate concern video.
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
export async function applyEncoding(sender, { maxBitrate, maxFramerate, degradationPreference }) {
  if (sender.track?.kind !== 'video') return;
  try {
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length) return;
    const [first] = parameters.encodings;
    if (maxBitrate) first.maxBitrate = maxBitrate;
    if (maxFramerate) first.maxFramerate = maxFramerate;
    if (degradationPreference) parameters.degradationPreference = degradationPreference;
    await sender.setParameters(parameters);
  } catch {
    // Firefox before 110 and Safari before 17 refuse some fields; they then decide by themselves.
  }
}
