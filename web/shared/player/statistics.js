import { describeLimit } from '../layers/qualities.js';
import { Plot } from '../plot.js';
import { formatBitrate, formatCodec, formatMilliseconds, formatPercent } from '../ui/format.js';

const plots = [
  ['bitrate', 'Bitrate', (s) => s.bitsPerSecond, formatBitrate, 500_000],
  ['fps', 'Frames', (s) => s.framesPerSecond, (v) => (v === undefined ? '–' : `${Math.round(v)} fps`), 30],
  ['rtt', 'Round trip', (s) => s.roundTripMs, formatMilliseconds, 50],
  ['buffer', 'Buffer', (s) => s.jitterBufferMs, (v, s) => formatBuffer(v, s.bufferTargetMs), 100],
];

const rows = [
  ['Picture', (s) => (s.width ? `${s.width} × ${s.height}` : '–')],
  ['Codecs', (s) => [s.videoCodec, s.audioCodec].filter(Boolean).map(formatCodec).join(', ') || '–'],
  ['Loss', (s) => formatPercent(s.fractionLost)],
  ['Repaired', (s) => (s.repaired === undefined ? '–' : `${s.repaired} packets`)],
  ['Freezes', (s) => (s.freezes === undefined ? '–' : s.freezes === 0 ? 'none' : `${s.freezes}, ${formatMilliseconds(s.frozenMs)}`)],
  ['Path', (s) => s.candidate ?? '–'],
  ['Quality', (s) => s.quality || '–'],
  ['Limited by', (s) => describeLimit(s.layer)],
];

/** What is held back, and, where the network made the player ask for more, of how much: `640 of 750 ms`. */
function formatBuffer(heldMs, targetMs) {
  return targetMs > 0 && Number.isFinite(heldMs) ? `${Math.round(heldMs)} of ${formatMilliseconds(targetMs)}` : formatMilliseconds(heldMs);
}

/** The statistics panel: four plots of the last two minutes, and the rest as a list. */
export class Statistics {
  #plots;
  #rows;

  /** @param {HTMLElement} panel */
  constructor(panel) {
    panel.innerHTML = `<div class="plots">${plots.map(([name, label]) =>
      `<figure><figcaption>${label}<b data-value="${name}">–</b></figcaption><canvas data-plot="${name}" aria-hidden="true"></canvas></figure>`).join('')}</div>
      <dl>${rows.map(([label]) => `<dt>${label}</dt><dd>–</dd>`).join('')}</dl>`;
    this.#plots = plots.map(([name, , value, format, minimum]) => ({
      value, format,
      text: panel.querySelector(`[data-value=${name}]`),
      plot: new Plot(panel.querySelector(`[data-plot=${name}]`), { minimum }),
    }));
    this.#rows = [...panel.querySelectorAll('dd')];
  }

  /** @param {import('../stats/inbound.js').InboundSample} sample Once a second. */
  update(sample) {
    for (const { value, format, text, plot } of this.#plots) {
      text.textContent = format(value(sample), sample);
      plot.push(value(sample));
    }
    rows.forEach(([, text], index) => { this.#rows[index].textContent = text(sample); });
  }
}
