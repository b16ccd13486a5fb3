import { poll } from '../shared/ui/poll.js';

const $ = (selector) => document.querySelector(selector);
const pageSize = 100;

/** The sessions of one stream, a page at a time; read once a second while they are shown. */
export class Sessions {
  #feed;
  #table;
  #shown;
  #stream;
  #skip = 0;
  #rows = [];
  #isShown = () => false;

  /**
   * @param {{ feed: import('./feed/connection.js').Feed, table: import('./tables/virtual-table.js').VirtualTable, isShown: () => boolean, changed: (rows: any[]) => void }} parts
   *   changed: told the sessions of the page, also of the one that is looked at in detail.
   */
  constructor({ feed, table, isShown, changed }) {
    [this.#feed, this.#table, this.#isShown, this.#shown] = [feed, table, isShown, changed];
    $('#sessions-before').addEventListener('click', () => this.#turn(-pageSize));
    $('#sessions-after').addEventListener('click', () => this.#turn(pageSize));
    $('#sessions-stream').addEventListener('change', ({ target }) => this.choose(target.value));
    poll(() => this.read(), 1000);
  }

  /** @param {string | undefined} stream */
  choose(stream) {
    if (stream === this.#stream) return;
    [this.#stream, this.#skip, this.#rows] = [stream, 0, []];
    this.#table.update([]);
    this.read();
  }

  /** Offers the streams that there are. @param {string[]} streams */
  offer(streams) {
    if (!this.#isShown()) return;
    const select = $('#sessions-stream');
    if (!streams.includes(this.#stream)) this.choose(streams[0]);
    if (document.activeElement !== select && streams.join() !== [...select.options].map(({ value }) => value).join()) select.replaceChildren(...streams.map((name) => new Option(name)));
    if (this.#stream) select.value = this.#stream;
  }

  async read() {
    if (!this.#isShown() || !this.#stream || this.#feed.state !== 'live') return;
    const stream = this.#stream;
    const { total, sessions } = await this.#feed.sessions(stream, this.#skip, pageSize);
    if (stream !== this.#stream) return;
    if (this.#skip > 0 && this.#skip >= total) this.#skip = Math.max(0, Math.floor((total - 1) / pageSize) * pageSize);
    this.#rows = sessions;
    this.#table.update(sessions);
    $('#sessions-page').textContent = total > pageSize ? `${this.#skip + 1} to ${Math.min(this.#skip + pageSize, total)} of ${total}` : '';
    $('#sessions-before').disabled = this.#skip === 0;
    $('#sessions-after').disabled = this.#skip + pageSize >= total;
    $('#sessions-paging').hidden = total <= pageSize;
    this.#shown(sessions);
  }

  #turn(by) {
    this.#skip = Math.max(0, this.#skip + by);
    this.read();
  }
}
