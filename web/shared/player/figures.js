import { layerName, linesOf } from '../layers/qualities.js';
import { formatBitrate, formatMilliseconds, formatPercent } from '../ui/format.js';

/**
 * What the player knows each second.
 * @typedef {import('../stats/inbound.js').InboundSample & { layer?: import('../layers/layers-event.js').Selected,
 *   estimatedBitsPerSecond?: number, quality?: string, why?: string }} PlayerSample
 *
 * A number of a figure: `name` where there are several or where the page looks for it, `text` of a present value, `format` of any.
 * @typedef {import('../plot.js').Series & { name: string, legend?: string, value: (sample: PlayerSample) => number | undefined,
 *   text?: (sample: PlayerSample) => string, format: (value: number | undefined) => string }} Line
 */

const lines = (value) => (Number.isFinite(value) ? `${value}p` : '–');
const rate = (value) => (Number.isFinite(value) ? `${Math.round(value)} fps` : '–');

/** The picture that is sent, `720p h`; of one whose layers nobody names what is decoded. */
function sentWord({ layer, width, height }) {
  if (layer?.paused) return 'sound only';
  const size = linesShown({ layer, width, height });
  return size === undefined ? '' : [lines(size), layer ? layerName(layer) : ''].filter(Boolean).join(' ');
}

function linesShown({ layer, width = 0, height = 0 }) {
  if (layer?.paused) return 0;
  return linesOf(layer?.width > 0 ? layer : { width, height }) || undefined;
}

/**
 * What the statistics panel plots: label, smallest top of the scale, lines; `word` is written along the first line.
 * @type {{ label: string, hint?: string, minimum: number, series: Line[], scaleText?: (ceiling: number) => string,
 *   word?: (sample: PlayerSample) => string }[]}
 */
export const figures = [
  {
    label: 'Bitrate', minimum: 500_000, scaleText: formatBitrate, hint: 'What arrives, and what the server takes your network for.',
    series: [
      { name: 'bitrate', legend: 'Received', value: (s) => s.bitsPerSecond, format: formatBitrate },
      { name: 'estimate', legend: 'Network', shape: 'line', color: '--second', value: (s) => s.estimatedBitsPerSecond, format: formatBitrate },
    ],
  },
  {
    label: 'Sent', minimum: 360, word: sentWord,
    series: [{ name: 'layer', shape: 'steps', value: linesShown, text: (s) => sentWord(s) || '–', format: lines }],
  },
  { label: 'Frames', minimum: 30, series: [{ name: 'fps', value: (s) => s.framesPerSecond, format: rate }] },
  {
    label: 'From server', minimum: 100,
    hint: 'Half a round trip, and from the arrival of a packet to the decoded picture. What lies before the server is not in it.',
    series: [{ name: 'latency', value: (s) => s.latencyMs, format: formatMilliseconds }],
  },
  { label: 'Round trip', minimum: 50, series: [{ name: 'rtt', value: (s) => s.roundTripMs, format: formatMilliseconds }] },
  { label: 'Loss', minimum: 0.02, series: [{ name: 'loss', value: (s) => s.fractionLost, format: formatPercent }] },
  {
    label: 'Frozen', minimum: 500, hint: 'Each second; a freeze counts when it is over.',
    series: [{ name: 'frozen', shape: 'bars', color: '--warn', value: (s) => s.frozenMsPerSecond, format: formatMilliseconds }],
  },
];

/**
 * A plot for those who do not see it.
 * @param {string} label
 * @param {{ legend?: string, now: string, values: number[], format: (value: number) => string }[]} series values: NaN for gaps.
 * @returns {string} `Round trip: 21 ms, between 18 ms and 64 ms`
 */
export function describePlot(label, series) {
  const described = series.map(({ legend, now, values, format }) => {
    const known = values.filter(Number.isFinite);
    const [least, most] = known.length > 0 ? [Math.min(...known), Math.max(...known)].map(format) : [];
    return `${legend ? `${legend} ` : ''}${now === '–' ? 'unknown' : now}${least === most ? '' : `, between ${least} and ${most}`}`;
  });
  return `${label}: ${described.join('; ')}`;
}
