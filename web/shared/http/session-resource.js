import { iceServersOf, findRelation, parseLinkHeader } from './link-header.js';
import { request } from './request.js';
import { SignallingError } from './signalling-error.js';

const fragmentType = 'application/trickle-ice-sdpfrag';

/** A WHIP or WHEP session on the server (RFC 9725 §4.2): everything that is said about it by HTTP. */
export class SessionResource {
  #token;
  #etag;
  #links;
  #deleted = false;

  constructor(url, token, etag, links) {
    this.url = url;
    this.#token = token;
    this.#etag = etag;
    this.#links = links;
  }

  /**
   * POSTs an offer.
   * @param {string} endpoint
   * @param {string} offer SDP.
   * @param {string | undefined} token
   * @returns {Promise<{ resource: SessionResource, answer: string }>}
   * @throws {SignallingError}
   */
  static async create(endpoint, offer, token) {
    const response = await request(endpoint, {
      method: 'POST', body: offer, token, headers: { 'Content-Type': 'application/sdp' },
    });
    const location = response.headers.get('Location');
    if (!location) throw new SignallingError('The server did not say where the session is.', { status: response.status });
    const resource = new SessionResource(
      new URL(location, response.url).href, // response.url: where a 307 led to
      token,
      response.headers.get('ETag'),
      parseLinkHeader(response.headers.get('Link')));
    return { resource, answer: await response.text() };
  }

  /** ICE servers for this session. */
  get iceServers() {
    return iceServersOf(this.#links);
  }

  /**
   * Absolute URL of a protocol extension.
   * @param {string} relation
   * @returns {string | undefined}
   */
  extension(relation) {
    const target = findRelation(this.#links, relation);
    return target === undefined ? undefined : new URL(target, this.url).href;
  }

  /**
   * Sends candidates (RFC 9725 §4.3.2).
   * @param {string} fragment
   */
  async trickle(fragment) {
    await request(this.url, {
      method: 'PATCH', body: fragment, token: this.#token,
      headers: { 'Content-Type': fragmentType, 'If-Match': this.#etag ?? '*' },
    });
  }

  /**
   * Asks for an ICE restart (RFC 9725 §4.3.3).
   * @param {string} fragment With the new local credentials.
   * @returns {Promise<string>} The server's fragment.
   */
  async restart(fragment) {
    const response = await request(this.url, {
      method: 'PATCH', body: fragment, token: this.#token, timeoutMs: 3000,
      headers: { 'Content-Type': fragmentType, 'If-Match': '*' },
    });
    if (response.status !== 200) throw new SignallingError('The server did not restart ICE.', { status: response.status });
    this.#etag = response.headers.get('ETag') ?? this.#etag;
    return response.text();
  }

  /**
   * Asks whether the session's stream belongs to another publisher by now.
   * @throws {SignallingError} With status 410 when it does; whatever else goes wrong is no answer, and ignored.
   */
  async assertNotTakenOver() {
    await request(this.url, { token: this.#token, timeoutMs: 2000 }).catch((error) => {
      if (error.status === 410) throw error;
    });
  }

  /** Ends the session. Also works while the page is being left; never throws, a second call does nothing. */
  async delete() {
    if (this.#deleted) return;
    this.#deleted = true;
    await request(this.url, { method: 'DELETE', token: this.#token, keepalive: true }).catch(() => {});
  }
}
