import { element } from '../ui/element.js';
import { formatCodec, formatDuration } from '../ui/format.js';
import { icon } from '../ui/icons.js';
import { streamArt } from './stream-art.js';

/** The cards of what is live. Existing cards are updated in place, so that focus and hover survive a refresh. */
export class StreamCards {
  #list;
  #cards = new Map();

  /** @param {HTMLUListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {{ streamId: string, viewers: number, startedAt?: string, tracks: any[] }[]} streams */
  show(streams) {
    const names = new Set(streams.map((stream) => stream.streamId));
    for (const [name, card] of this.#cards) {
      if (names.has(name)) continue;
      card.remove();
      this.#cards.delete(name);
    }
    for (const stream of [...streams].sort((a, b) => b.viewers - a.viewers || a.streamId.localeCompare(b.streamId))) {
      let card = this.#cards.get(stream.streamId);
      if (!card) this.#cards.set(stream.streamId, (card = createCard(stream.streamId)));
      updateCard(card, stream);
      if (!card.isConnected) this.#list.append(card);
    }
  }
}

function createCard(name) {
  const art = element('div', { class: 'art', 'aria-hidden': 'true' });
  art.innerHTML = streamArt(name);
  const viewers = element('span', { class: 'badge viewers' });
  viewers.innerHTML = icon('viewers');
  viewers.append(element('span', { class: 'count' }), element('span', { class: 'sr' }, ' watching'));
  return element('li', {},
    element('a', { class: 'stream', href: `/watch/${encodeURIComponent(name)}` },
      art,
      element('span', { class: 'badges' }, element('span', { class: 'badge live' }, 'Live'), viewers),
      element('span', { class: 'title' }, name),
      element('span', { class: 'facts soft small' })));
}

function updateCard(card, { viewers, startedAt, tracks = [] }) {
  card.querySelector('.count').textContent = String(viewers);
  const video = tracks.find((track) => track.kind === 'video');
  const facts = [
    video?.height ? `${video.height}p` : video ? '' : 'Sound only',
    video ? formatCodec(video.codec) : '',
    startedAt ? `for ${formatDuration(Date.now() - Date.parse(startedAt))}` : '',
  ];
  card.querySelector('.facts').textContent = facts.filter(Boolean).join(' · ');
}
