import { scalable } from '../stats/sent-layers.js';

/**
 * In how many qualities a picture is sent: by several encodings (simulcast), by one that contains several (SVC), or once.
 * @typedef {'auto' | 'simulcast3' | 'simulcast2' | 'svc' | 'single'} LayersWish
 *
 * @typedef {{ kind: 'simulcast' | 'svc' | 'single', lines: number[], maxBitrate: number,
 *   encodings: RTCRtpEncodingParameters[] }} LayerPlan
 *   lines: the qualities by the shorter side of their pictures, the best first; maxBitrate: of all together.
 */

/** What a picture needs to look good in motion: lines, bit/s. */
const needs = [[180, 200_000], [270, 450_000], [360, 800_000], [540, 1_400_000], [720, 2_500_000], [1080, 4_500_000]];

/** A quality below this helps nobody. */
const fewestLines = 180;

/** Several qualities in one stream cost more bits than the best alone. */
const scalableOverhead = 1.3;

/** From the lowest, as browsers give the low ones their bits first. */
const names = { 2: ['l', 'h'], 3: ['l', 'm', 'h'] };

/**
 * Bits per second for a picture of so many lines.
 * @param {number} lines The shorter side.
 */
export function bitrateFor(lines) {
  const above = needs.findIndex(([of]) => of >= lines);
  if (above === 0) return Math.round(needs[0][1] * (lines / needs[0][0]));
  if (above < 0) return Math.round(needs.at(-1)[1] * (lines / needs.at(-1)[0]) ** 1.5);
  const [[low, lowBits], [high, highBits]] = [needs[above - 1], needs[above]];
  return Math.round(lowBits + ((highBits - lowBits) * (lines - low)) / (high - low));
}

/**
 * Bits per second for an encoding that is the only one.
 * @param {number} lines
 * @param {string | undefined} scalabilityMode
 * @param {number | undefined} maxBitrate undefined or 0: as much as is needed.
 */
export function wholeBitrate(lines, scalabilityMode, maxBitrate) {
  return maxBitrate || Math.round(bitrateFor(lines) * (scalable({ scalabilityMode }) ? scalableOverhead : 1));
}

/**
 * What so many encodings send of a picture: as many halvings as are worth it, the smallest first. A limit concerns all
 * together: what it leaves over goes to the best, what it lacks is taken from each alike.
 *
 * What is too much is laid still from the end, not from the beginning: Chromium allows a small picture fewer encodings,
 * and keeps the first ones (`encoder_stream_factory.cc`, LimitSimulcastLayerCount).
 * @param {number} count 1 to 3
 * @param {number} lines Of the whole picture.
 * @param {number | undefined} maxBitrate undefined or 0: as much as is needed.
 * @returns {{ active: boolean, scaleResolutionDownBy: number, maxBitrate: number }[]}
 */
export function shareOut(count, lines, maxBitrate) {
  const factors = [4, 2, 1].slice(-Math.min(count, worthwhile(lines)));
  const wanted = factors.map((factor) => bitrateFor(lines / factor));
  const sum = wanted.reduce((a, b) => a + b, 0);
  const limit = maxBitrate || sum;
  const shares = wanted.map((bits) => Math.round(bits * Math.min(1, limit / sum)));
  if (limit > sum) shares[shares.length - 1] += limit - sum;
  const still = { active: false, scaleResolutionDownBy: 1, maxBitrate: bitrateFor(fewestLines) };
  return Array.from({ length: count }, (_, index) => (index < factors.length
    ? { active: true, scaleResolutionDownBy: factors[index], maxBitrate: shares[index] } : still));
}

/** How many sizes of a picture are worth sending. */
function worthwhile(lines) {
  return 1 + [2, 4].filter((factor) => lines / factor >= fewestLines).length;
}

/**
 * The size of a track; before a camera has said it, the size that was asked for.
 * @param {MediaStreamTrack} track
 * @param {number | undefined} height As asked for.
 */
export function sizeOf(track, height = 720) {
  const { width, height: real } = track.getSettings();
  return width > 0 && real > 0 ? { width, height: real } : { width: Math.round((height * 16) / 9), height };
}

/**
 * Ways to send a picture as wished, the best first: a browser that refuses one may take the next, and takes the last.
 * @param {{ layers?: LayersWish, codec?: string, width: number, height: number, maxBitrate?: number, maxFramerate?: number }} wish
 *   codec: a MIME type; empty leaves it to the browser, which takes VP8 or H.264.
 * @returns {LayerPlan[]}
 */
export function layerPlans({ layers = 'single', codec = '', width, height, maxBitrate, maxFramerate }) {
  const lines = Math.min(width, height);
  const common = maxFramerate ? { maxFramerate } : {};
  const name = codec.toLowerCase();
  const fits = worthwhile(lines);

  const simulcast = (count, mode) => {
    const shares = shareOut(count, lines, maxBitrate);
    return {
      kind: 'simulcast',
      lines: shares.map(({ scaleResolutionDownBy }) => Math.round(lines / scaleResolutionDownBy)).reverse(),
      maxBitrate: shares.reduce((sum, share) => sum + share.maxBitrate, 0),
      encodings: shares.map((share, index) =>
        ({ rid: names[count][index], ...share, ...common, ...(mode ? { scalabilityMode: mode } : {}) })),
    };
  };
  const one = (mode, sizes = 1) => {
    const bits = wholeBitrate(lines, mode, maxBitrate);
    return {
      kind: sizes > 1 ? 'svc' : 'single',
      lines: [1, 2, 4].slice(0, sizes).map((factor) => Math.round(lines / factor)),
      maxBitrate: bits,
      encodings: [{ maxBitrate: bits, ...common, ...(mode ? { scalabilityMode: mode } : {}) }],
    };
  };
  const several = (count) => (count > 1 ? [simulcast(count, 'L1T2'), simulcast(count)] : []);
  const spatial = () => (fits > 1 ? [one(`L${fits}T3_KEY`, fits)] : []);

  switch (layers) {
    case 'single': return [one()];
    case 'simulcast2': return [...several(Math.min(fits, 2)), one()];
    case 'simulcast3': return [...several(fits), one()];
    case 'svc': return canScale(codec) ? [...spatial(), one('L1T3'), one()] : [one()];
    default:
      if (name === 'video/vp9') return [...spatial(), one('L1T3'), one()];
      if (name === 'video/av1') return [one('L1T3'), one()]; // several pictures of AV1 cost more than most machines have
      return ['', 'video/vp8', 'video/h264'].includes(name) ? [...several(fits), one()] : [one()];
  }
}

/**
 * Whether a codec can hold several sizes in one stream.
 * @param {string} codec MIME type
 */
export function canScale(codec) {
  return /^video\/(vp9|av1)$/i.test(codec);
}

/**
 * The codec to offer first for a wish: SVC without a codec means VP9.
 * @param {LayersWish | undefined} layers
 * @param {string | undefined} codec
 */
export function codecFor(layers, codec) {
  return layers === 'svc' && !codec ? 'video/VP9' : codec;
}

/**
 * Says what a plan comes to.
 * @param {LayerPlan} plan
 * @returns {string}
 */
export function describePlan({ kind, lines, maxBitrate }) {
  const bits = `${(maxBitrate / 1e6).toFixed(1).replace(/\.0$/, '')} Mbit/s`;
  const list = lines.map((count) => `${count}p`).join(', ');
  switch (kind) {
    case 'simulcast': return `${lines.length} qualities (${list}), together up to ${bits}. Viewers get what their network carries.`;
    case 'svc': return `${lines.length} qualities (${list}) in one stream, up to ${bits}. Viewers get what their network carries.`;
    default: return `One quality (${list}), up to ${bits}, the same for every viewer.`;
  }
}
