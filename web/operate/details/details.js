import { element } from '../../shared/ui/element.js';
import { treeList } from '../tree.js';
import { kinds } from './facts.js';
import { PastPlots } from './past.js';

/** Nodes that are asked at most for the viewers of a stream in the past. */
const mostAsked = 40;

/** How long its places are waited for, in milliseconds. */
const patience = 1500;

/**
 * The panel about what was chosen: a node, a link, a stream or a session.
 */
export class Details {
  #panel;
  #feed;
  #buttonsOf;
  #closed;
  #chosen;
  #row;
  #plots;
  #opener;
  #facts = '';
  #tree = '';

  /**
   * @param {{ panel: HTMLElement, feed: import('../feed/connection.js').Feed, buttonsOf: (kind: string, row: any) => [string, () => void][], closed: () => void }} parts
   *   buttonsOf: what can be done with it.
   */
  constructor({ panel, feed, buttonsOf, closed }) {
    [this.#panel, this.#feed, this.#buttonsOf, this.#closed] = [panel, feed, buttonsOf, closed];
    this.#part('close').addEventListener('click', () => this.close());
    panel.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close(); });
  }

  /** @returns {{ kind: string, id: string } | undefined} */
  get chosen() {
    return this.#chosen;
  }

  /**
   * Opens the panel.
   * @param {string} kind
   * @param {string} id
   * @param {any} [row] For what is in none of the feed's tables.
   */
  open(kind, id, row) {
    if (this.#panel.hidden) this.#opener = document.activeElement;
    this.#clear();
    this.#chosen = { kind, id };
    this.#row = row;
    this.#panel.hidden = false;
    this.#plots = new PastPlots(this.#part('plots'), kinds[kind].plots);
    this.update(row);
    this.#recall(this.#plots);
    const title = this.#part('title');
    title.focus({ preventScroll: true });
    this.#panel.scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  close() {
    if (!this.#chosen) return;
    this.#clear();
    this.#panel.hidden = true;
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    this.#closed();
  }

  /**
   * Takes what has changed.
   * @param {any} [row] Of a session.
   */
  update(row) {
    if (!this.#chosen) return;
    const { kind } = this.#chosen;
    const found = row ?? this.#find();
    if (found) this.#row = found;
    this.#part('gone').hidden = found !== undefined || kind === 'session';
    if (!this.#row) return;
    this.#write(kinds[kind], this.#row);
    this.#plots.show(found || kind === 'session' ? kinds[kind].now(this.#row) : []);
    if (kind === 'stream') this.#writeTree();
  }

  #find() {
    const { kind, id } = this.#chosen;
    if (kind === 'session') return this.#row;
    if (kind !== 'link') return this.#feed.rows(`${kind}s`).get(id);
    const row = this.#feed.rows('links').get(id);
    const place = row && this.#feed.followed ? this.#feed.places.get(row.child) : undefined;
    return place?.parent === row?.parent && place ? { ...row, hops: place.depth } : row;
  }

  #write({ title, facts }, row) {
    const { kind } = this.#chosen;
    const written = facts(row).filter(([, value]) => value !== undefined && value !== null && value !== '');
    const buttons = this.#buttonsOf(kind, row);
    const text = JSON.stringify([title(row), written, buttons.map(([label]) => label)]);
    if (text === this.#facts) return;
    this.#facts = text;
    this.#part('title').textContent = title(row);
    this.#writeFacts(written);
    this.#writeButtons(buttons);
  }

  /** Only what differs is written: text that is selected stays so. */
  #writeFacts(facts) {
    const list = this.#part('facts');
    const known = new Map([...list.children].map((item) => [item.firstChild.textContent, item]));
    facts.forEach(([name, value], index) => {
      const item = known.get(name) ?? element('div', {}, element('dt', {}, name), element('dd'));
      if (item.lastChild.textContent !== String(value)) item.lastChild.textContent = String(value);
      known.delete(name);
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
    for (const item of known.values()) item.remove();
  }

  #writeButtons(buttons) {
    const place = this.#part('actions');
    buttons.forEach(([label, act], index) => {
      const button = place.children[index] ?? place.appendChild(element('button', { class: 'button little', type: 'button' }));
      button.textContent = label;
      button.onclick = act;
    });
    while (place.children.length > buttons.length) place.lastChild.remove();
  }

  #writeTree() {
    const nodes = this.#feed.rows('nodes');
    const places = [...this.#feed.places.values()].map((place) => ({ ...place, nodeId: place.id, region: nodes.get(place.id)?.region, state: nodes.get(place.id)?.state }));
    const text = JSON.stringify(places);
    if (text === this.#tree) return;
    this.#tree = text;
    const root = places.find((place) => place.root === 1)?.nodeId ?? null;
    places.sort((a, b) => a.depth - b.depth || (a.nodeId < b.nodeId ? -1 : 1));
    this.#part('tree').hidden = places.length === 0;
    this.#part('tree').replaceChildren(element('h4', {}, 'Tree'), treeList({ root, nodes: places }));
  }

  async #recall(plots) {
    const { kind, id } = this.#chosen;
    const isStill = () => this.#chosen?.kind === kind && this.#chosen.id === id && this.#plots === plots;
    let series = [];
    try {
      if (this.#row) series = kind === 'stream' ? await this.#recallStream(this.#row) : (await this.#ask(kinds[kind].past(this.#row))).series;
    } catch {
      // The connection is away; the plots begin now.
    }
    if (isStill()) plots.begin(series);
  }

  /** Of a stream each node remembers its own viewers. */
  async #recallStream(row) {
    const { node, subject } = kinds.stream.past(row);
    if (!node) return [];
    if (this.#feed.places.size === 0) await this.#placesKnown();
    const others = [...this.#feed.places.keys()].filter((each) => each !== node).slice(0, mostAsked);
    const [here, ...there] = await Promise.all([node, ...others].map((each) => this.#ask({ node: each, subject })));
    const [bits = [], viewers = [], lost = []] = here.series;
    for (const { series: [, more = []] } of there) {
      for (let back = 1; back <= Math.min(viewers.length, more.length); back++) viewers[viewers.length - back] += more[more.length - back] || 0;
    }
    return [bits, viewers, lost];
  }

  /** A stream that has just been chosen is being asked for. */
  #placesKnown() {
    const over = new AbortController();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#feed.addEventListener('place', () => {
        if (this.#feed.places.size === 0) return;
        clearTimeout(timer);
        resolve();
      }, { signal: over.signal });
    }).finally(() => over.abort());
  }

  #ask({ node, subject }) {
    return this.#feed.past(node, subject);
  }

  #clear() {
    this.#plots?.dispose();
    this.#plots = this.#chosen = this.#row = undefined;
    this.#facts = this.#tree = '';
    for (const name of ['plots', 'facts', 'actions', 'tree']) this.#part(name).replaceChildren();
    this.#part('tree').hidden = true;
  }

  #part(name) {
    return this.#panel.querySelector(`[data-part=${name}]`);
  }
}
