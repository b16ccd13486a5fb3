import { element } from '../shared/ui/element.js';
import { formatBitrate } from '../shared/ui/format.js';
import { describeLayer } from './layer-rows.js';

const columns = ['Picture', 'Frames', 'Bitrate', 'Held back by'];

/** The qualities that are being sent, a row each. Hidden when there is one, which the tiles describe. */
export class LayerTable {
  #container;
  #body = element('tbody');

  /** @param {HTMLElement} container */
  constructor(container) {
    this.#container = container;
    const head = element('tr', {}, ...columns.map((name, index) => element('th', { scope: 'col', class: index > 0 ? 'number' : '' }, name)));
    container.append(element('table', {}, element('caption', { class: 'sr' }, 'Qualities being sent'), element('thead', {}, head), this.#body));
  }

  /** @param {import('../shared/stats/sent-layers.js').SentLayer[]} layers Once a second. */
  update(layers) {
    const rows = layers.map(describeLayer);
    this.#container.hidden = rows.length < 2 && !rows[0]?.scalable;
    this.#body.replaceChildren(...rows.map(({ name, picture, mode, frames, bitsPerSecond, heldBackBy, sending }) => element('tr', { class: sending ? '' : 'still' },
      element('th', { scope: 'row' }, name, ...[picture, mode].filter(Boolean).flatMap((text) => [' ', element('span', { class: 'soft small' }, text)])),
      element('td', { class: 'number' }, frames),
      element('td', { class: 'number' }, sending ? formatBitrate(bitsPerSecond) : 'Not sent'),
      element('td', { class: 'number' }, heldBackBy))));
  }
}
