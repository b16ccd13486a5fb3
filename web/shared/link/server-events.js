import { request } from '../http/request.js';

const relation = 'urn:ietf:params:whep:ext:core:server-sent-events';
const names = ['active', 'inactive', 'layers', 'viewercount', 'reconnect'];

/**
 * Follows the events of a WHEP session (server-sent events extension).
 * The stream is closed while the page is hidden: HTTP/1.1 allows six connections per host for all tabs together.
 */
export class ServerEvents {
  #source;
  #url;
  #listener;
  #onBreak;
  #stopped = false;
  #onVisibility = () => (document.hidden ? this.#disconnect() : this.#connect());

  /**
   * @param {(name: string, data: any) => void} listener data is {} when there is none.
   * @param {() => void} onBreak Called when a connection that stood has broken: the server may be gone.
   */
  constructor(listener, onBreak = () => {}) {
    this.#listener = listener;
    this.#onBreak = onBreak;
  }

  /**
   * Subscribes, if the server offers it; without it a player still notices everything by its media.
   * @param {import('../http/session-resource.js').SessionResource} resource
   * @param {string | undefined} token
   */
  async start(resource, token) {
    const endpoint = resource.extension(relation);
    if (!endpoint) return;
    try {
      const response = await request(endpoint, {
        method: 'POST', body: JSON.stringify(names), token, headers: { 'Content-Type': 'application/json' },
      });
      const url = new URL(response.headers.get('Location') ?? '', response.url);
      if (token) url.searchParams.set('token', token); // EventSource cannot send headers
      this.#url = url.href;
    } catch {
      return;
    }
    document.addEventListener('visibilitychange', this.#onVisibility);
    if (!document.hidden) this.#connect();
  }

  stop() {
    this.#stopped = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#disconnect();
  }

  #connect() {
    if (this.#stopped || this.#source) return;
    this.#source = new EventSource(this.#url);
    let stood = false;
    this.#source.onopen = () => { stood = true; };
    this.#source.onerror = () => {
      if (stood) this.#onBreak(); // the attempts to connect again, which the browser makes, are no news
      stood = false;
    };
    for (const name of names) {
      this.#source.addEventListener(name, ({ data }) => this.#listener(name, parse(data)));
    }
  }

  #disconnect() {
    this.#source?.close();
    this.#source = undefined;
  }
}

function parse(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
