import { iceServersOf, findRelation, findRelations, parseLinkHeader } from './link-header.js';
import { getJson, request } from './request.js';
import { SignallingError } from './signalling-error.js';

const fragmentType = 'application/trickle-ice-sdpfrag';
const description = 'urn:broadcast:whep:ext:session';

/** How long a session may take to say that it lives; more where opening it took long too, as on a satellite link. */
const shortestCheckMs = 400;
const longestCheckMs = 2000;

/** A WHIP or WHEP session on the server (RFC 9725 §4.2): everything that is said about it by HTTP. */
export class SessionResource {
  #token;
  #etag;
  #links;
  #deleted = false;
  #checkMs;
  #undescribed = false;

  constructor(url, token, etag, links, openedInMs) {
    this.url = url;
    this.openedInMs = openedInMs;
    this.#checkMs = Math.min(Math.max(2 * openedInMs, shortestCheckMs), longestCheckMs);
    this.#token = token;
    this.#etag = etag;
    this.#links = links;
  }

  /**
   * POSTs an offer.
   * @param {string} endpoint
   * @param {string} offer SDP.
   * @param {string | undefined} token
   * @param {number | undefined} timeoutMs
   * @returns {Promise<{ resource: SessionResource, answer: string }>}
   * @throws {SignallingError}
   */
  static async create(endpoint, offer, token, timeoutMs) {
    const startMs = performance.now();
    const response = await request(endpoint, {
      method: 'POST', body: offer, token, timeoutMs, headers: { 'Content-Type': 'application/sdp' },
    });
    const location = response.headers.get('Location');
    if (!location) throw new SignallingError('The server did not say where the session is.', { status: response.status });
    const resource = new SessionResource(
      new URL(location, response.url).href, // response.url: where a 307 led to
      token,
      response.headers.get('ETag'),
      parseLinkHeader(response.headers.get('Link')),
      performance.now() - startMs);
    return { resource, answer: await response.text() };
  }

  /** ICE servers for this session. */
  get iceServers() {
    return iceServersOf(this.#links);
  }

  /** Endpoints at other nodes, for when this one dies; absolute. */
  get alternates() {
    return findRelations(this.#links, 'alternate').map((target) => new URL(target, this.url).href);
  }

  /** With this in the query of the next POST, wherever it goes, a viewer stays the same one. */
  get resume() {
    const target = findRelation(this.#links, 'resume');
    return target === undefined ? undefined : new URL(target, this.url).searchParams.get('resume') ?? undefined;
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

  /**
   * Asks, with little patience, whether the session still lives.
   * @returns {Promise<'alive' | 'gone' | 'refused' | 'silent'>} refused: nobody listens there, or a proxy finds nobody behind it.
   */
  async check() {
    try {
      await request(this.url, { token: this.#token, timeoutMs: this.#checkMs });
      return 'alive';
    } catch ({ status, cause }) {
      if (status === 404 || status === 410) return 'gone';
      if (status === 502 || status === 503 || status === 504) return 'refused';
      if (status > 0) return 'alive'; // whatever it objects to (too many requests, a token that expired), it is there
      return cause?.name === 'TimeoutError' ? 'silent' : 'refused';
    }
  }

  /**
   * What the server says of the session: its layer, rates, the estimate of the network.
   * @returns {Promise<any>} undefined when the server does not say, and from then on without asking.
   */
  async describe() {
    const url = this.extension(description);
    if (!url || this.#undescribed) return undefined;
    try {
      return await getJson(url, { token: this.#token });
    } catch ({ passing }) {
      this.#undescribed = !passing; // over, or behind a proxy that lets only WHEP through
      return undefined;
    }
  }

  /** Asks which nodes there are by now, and whether the session lives: the answer names those that have come since. */
  async refreshAlternates() {
    const response = await request(this.url, { token: this.#token });
    const fresh = parseLinkHeader(response.headers.get('Link'));
    const others = (link) => ['alternate', 'resume'].some((relation) => findRelation([link], relation) !== undefined);
    this.#links = [...this.#links.filter((link) => !others(link)), ...fresh.filter(others)];
  }

  /** Ends the session. Also works while the page is being left; never throws, a second call does nothing. */
  async delete() {
    if (this.#deleted) return;
    this.#deleted = true;
    await request(this.url, { method: 'DELETE', token: this.#token, keepalive: true }).catch(() => {});
  }
}
