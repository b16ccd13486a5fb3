import { Plot } from '../shared/plot.js';
import { element } from '../shared/ui/element.js';
import { formatBitrate } from '../shared/ui/format.js';

const whole = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');
const tiles = [
  { name: 'viewers', title: 'Viewers', format: whole, minimum: 5 },
  { name: 'live', title: 'Live streams', format: whole, minimum: 5 },
  { name: 'bitsIn', title: 'Comes in', format: formatBitrate, minimum: 500_000 },
  { name: 'bitsOut', title: 'Goes out', format: formatBitrate, minimum: 500_000 },
  { name: 'nodes', title: 'Nodes', format: whole, minimum: 5 },
  { name: 'refused', title: 'Refused', format: whole, minimum: 5 },
  { name: 'keyframesAsked', title: 'Keyframes asked', format: whole, minimum: 5 },
  { name: 'recordings', title: 'Being recorded', format: whole, minimum: 5 },
];

/** Numbers of the whole cluster, with what became of the first of them while the page is open. */
export class Totals {
  #shown;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#shown = tiles.map(({ minimum, title, ...tile }, index) => {
      const number = element('dd', {}, '–');
      const canvas = index < 4 ? element('canvas', { 'aria-hidden': 'true' }) : undefined;
      list.append(element('div', {}, element('dt', {}, title), number, canvas ?? ''));
      return { ...tile, number, plot: canvas && new Plot(canvas, { capacity: 240, minimum }) };
    });
  }

  /** @param {any} row Of the table of totals. */
  show(row) {
    for (const { name, format, number, plot } of this.#shown) {
      const text = format(row[name]);
      if (number.textContent !== text) number.textContent = text;
      plot?.push(row[name]);
    }
  }
}
