import { request } from '../http/request.js';

const relation = 'urn:ietf:params:whep:ext:core:layer';
const againMs = 3000;

/**
 * The layer resource of one WHEP session: hears what the viewer wants. Requests are made one after the other, and of
 * several wishes that wait only the last is sent.
 */
export class LayerResource {
  #url;
  #token;
  #wanted;
  #sent;
  #busy = false;
  #timer;

  /**
   * @param {import('../http/session-resource.js').SessionResource} resource
   * @param {string | undefined} token
   * @param {Record<string, string | number>} begun What the session was begun with.
   */
  constructor(resource, token, begun = {}) {
    this.#url = resource.extension(relation);
    this.#token = token;
    this.#sent = JSON.stringify(begun);
  }

  /**
   * Wishes for this from now on. Without the extension on the server it does nothing.
   * @param {Record<string, string | number>} wish
   */
  want(wish) {
    this.#wanted = JSON.stringify(wish);
    this.#send();
  }

  stop() {
    this.#url = undefined;
    clearTimeout(this.#timer);
  }

  async #send() {
    clearTimeout(this.#timer);
    if (this.#busy || !this.#url || this.#wanted === this.#sent) return;
    this.#busy = true;
    const body = this.#sent = this.#wanted;
    try {
      await request(this.#url, { method: 'POST', body, token: this.#token, headers: { 'Content-Type': 'application/json' } });
    } catch (error) {
      // Refused for good (a layer that has gone meanwhile): the next layers event brings a better wish.
      if (error.passing && error.status !== 409) {
        this.#sent = undefined;
        this.#timer = setTimeout(() => this.#send(), error.retryAfterMs ?? againMs);
        return;
      }
    } finally {
      this.#busy = false;
    }
    this.#send();
  }
}
