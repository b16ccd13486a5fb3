import { Plot } from '../shared/plot.js';
import { element } from '../shared/ui/element.js';
import { formatBitrate, formatCodec, formatMilliseconds, formatPercent } from '../shared/ui/format.js';
import { limitations } from './layer-rows.js';

const perSecond = (value) => (value === undefined ? '–' : `${Math.round(value)} fps`);

/** What is shown: label, value, text, smallest top of the plot (none: no plot). */
const tiles = [
  { label: 'Bitrate', value: (s) => s.bitsPerSecond, text: formatBitrate, minimum: 500_000 },
  { label: 'Frame rate', value: (s) => s.framesPerSecond, text: perSecond, minimum: 30 },
  { label: 'Round trip', value: (s) => s.roundTripMs, text: formatMilliseconds, minimum: 50 },
  { label: 'Packet loss', value: (s) => s.fractionLost, text: formatPercent, minimum: 0.02 },
  { label: 'Viewers', value: (s) => s.viewers, text: (v) => String(v ?? '–'), minimum: 5 },
  { label: 'Picture', value: (s) => s, text: (s) => (s.width ? `${s.width} × ${s.height}` : '–'), note: (s) => codecs(s) },
  { label: 'Held back by', value: (s) => s.limitation, text: (v) => limitations[v] ?? '–', note: (s) => advice(s.limitation) },
  { label: 'Path', value: (s) => s.candidate, text: (v) => v ?? '–', note: (s) => s.encoder ?? '' },
];

/** The tiles of a live publication: a number each, and its last two minutes where a look says more. */
export class Health {
  #tiles;

  /** @param {HTMLElement} container */
  constructor(container) {
    this.#tiles = tiles.map((tile) => {
      const number = element('strong', {}, '–');
      const rest = tile.note ? element('span', { class: 'soft small' }) : element('canvas', { 'aria-hidden': 'true' });
      container.append(element('div', { class: 'tile' }, element('span', { class: 'soft small' }, tile.label), number, rest));
      return { ...tile, number, rest, plot: tile.note ? undefined : new Plot(rest, { minimum: tile.minimum }) };
    });
  }

  /** @param {import('../shared/stats/outbound.js').OutboundSample & { viewers?: number }} sample Once a second. */
  update(sample) {
    for (const { value, text, number, rest, plot, note } of this.#tiles) {
      number.textContent = text(value(sample));
      plot?.push(value(sample));
      if (note) rest.textContent = note(sample);
    }
  }

  clear() {
    for (const { plot } of this.#tiles) plot?.clear();
    this.update({});
  }
}

function codecs({ videoCodec, audioCodec }) {
  return [videoCodec, audioCodec].filter(Boolean).map(formatCodec).join(', ');
}

function advice(limitation) {
  switch (limitation) {
    case 'none': return 'full quality';
    case 'cpu': return 'try a lower resolution or H.264';
    case 'bandwidth': return 'the upload is too slow for more';
    default: return '';
  }
}
