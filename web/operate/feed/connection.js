import { places, tables as columns } from './columns.js';
import { applyUpdate, Table } from './table.js';

const retries = [0, 500, 1000, 2000, 4000];

/** A page that is not seen for so long, in milliseconds, lets the server rest. */
const unseen = 10_000;

/**
 * The live connection to the server: tables of the cluster, a stream that is followed, and what else the page asks.
 * It comes back by itself. Events: `change` (detail: names of the tables that changed), `place` (the followed stream changed), `state`.
 */
export class Feed extends EventTarget {
  #hub;
  #look;
  #follow;
  #followed;
  #hiding;
  #failures = 0;
  #names = Object.keys(columns);
  #tables = this.#names.map((name) => new Table(columns[name]));
  #places = new Table(places);
  #state = 'connecting';

  /** @param {string | undefined} token */
  constructor(token) {
    super();
    const { HubConnectionBuilder, HttpTransportType, LogLevel, protocols } = globalThis.signalR;
    this.#hub = new HubConnectionBuilder()
      .withUrl('/api/v1/operate', { accessTokenFactory: () => token ?? '', skipNegotiation: true, transport: HttpTransportType.WebSockets })
      .withHubProtocol(new protocols.msgpack.MessagePackHubProtocol())
      .configureLogging(LogLevel.None)
      .build();
    this.#hub.onclose(() => this.#retry());
    document.addEventListener('visibilitychange', () => this.#onVisibility());
  }

  /** @returns {'connecting' | 'live' | 'away'} */
  get state() {
    return this.#state;
  }

  /** Rows of a table by id. */
  rows(name) {
    return this.#tables[this.#names.indexOf(name)].rows;
  }

  /** Places of the stream that is followed, by node. */
  get places() {
    return this.#places.rows;
  }

  get followed() {
    return this.#followed;
  }

  async start() {
    try {
      await this.#hub.start();
    } catch {
      this.#retry();
      return;
    }
    this.#begin();
  }

  /**
   * Follows one stream instead of the one before.
   * @param {string | undefined} stream
   */
  follow(stream) {
    if (stream === this.#followed) return;
    this.#follow?.dispose();
    this.#follow = undefined;
    this.#followed = stream;
    this.#places.clear();
    this.dispatchEvent(new CustomEvent('place'));
    if (stream && this.#state === 'live') this.#beginToFollow();
  }

  /** @returns {Promise<{ total: number, sessions: any[] }>} */
  async sessions(stream, skip, take) {
    const [total, rows] = await this.#hub.invoke('Sessions', stream, skip, take);
    const names = ['id', 'node', 'publisher', 'state', 'createdAt', 'connectedFor', 'roundTrip', 'lost', 'bits', 'estimate', 'resent', 'path', 'layer', 'limit', 'address', 'subject'];
    return { total, sessions: rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]]))) };
  }

  /** @returns {Promise<{ step: number, series: number[][] }>} The last minutes of something at a node. */
  async past(node, subject) {
    const [step, series] = await this.#hub.invoke('Past', node, subject);
    return { step, series };
  }

  /** @returns {Promise<boolean>} */
  endSession(node, session) {
    return this.#hub.invoke('EndSession', node, session);
  }

  #begin() {
    this.#look = this.#stream('Look', [], (update) => this.#apply(update));
    if (this.#followed) this.#beginToFollow();
  }

  #onVisibility() {
    clearTimeout(this.#hiding);
    if (document.hidden) {
      this.#hiding = setTimeout(() => {
        this.#look?.dispose();
        this.#follow?.dispose();
        this.#look = this.#follow = undefined;
      }, unseen);
    } else if (this.#look === undefined && this.#state === 'live') {
      this.#begin();
    }
  }

  #beginToFollow() {
    this.#follow = this.#stream('Follow', [this.#followed], (update) => {
      if (applyUpdate([this.#places], update)[0]) this.dispatchEvent(new CustomEvent('place'));
    });
  }

  #stream(name, parameters, next) {
    // The end of the stream is the end of the connection, or follows from our own word.
    return this.#hub.stream(name, ...parameters).subscribe({ next, error: () => {}, complete: () => {} });
  }

  #apply(update) {
    const changed = applyUpdate(this.#tables, update);
    this.#failures = 0;
    this.#enter('live');
    this.dispatchEvent(new CustomEvent('change', { detail: new Set(this.#names.filter((_, index) => changed[index])) }));
  }

  #retry() {
    this.#enter('away');
    const wait = retries[Math.min(this.#failures++, retries.length - 1)];
    setTimeout(() => this.start(), wait + Math.random() * 250);
  }

  #enter(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent('state'));
  }
}
