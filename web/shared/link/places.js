/** How long an attempt at one place may take while there are others; more where opening a session took long before. */
const shortestTryMs = 2500;

/** Nodes come and go while a session lasts for hours. */
const freshMs = 120_000;

/**
 * Asks now and then which other nodes there are.
 * @param {import('../http/session-resource.js').SessionResource} resource
 * @param {Places} places
 * @returns {ReturnType<typeof setInterval>} To be cleared with the session.
 */
export function keepFresh(resource, places) {
  return setInterval(async () => {
    try {
      await resource.refreshAlternates();
      places.learn(resource);
    } catch {
      // If the session is over, others notice; what was known stays.
    }
  }, freshMs * (0.75 + Math.random() / 2));
}

/**
 * The endpoints at which a session can be had: the page's own, and those of other nodes that the last session told of. Pure.
 *
 * The own one comes first; it may be a name of many nodes. Only when the node that served the last session is silent and it
 * was the own one, others are tried before it.
 */
export class Places {
  #own;
  #others = [];
  #resume;
  #index = 0;
  #failed = 0;
  #servedAt;
  #openedInMs = 0;

  /** @param {string} endpoint Absolute. */
  constructor(endpoint) {
    this.#own = endpoint;
  }

  /** Where to try next. */
  get current() {
    const place = this.#index === 0 ? this.#own : this.#others[this.#index - 1];
    if (!this.#resume) return place;
    const url = new URL(place);
    url.searchParams.set('resume', this.#resume);
    return url.href;
  }

  /** Milliseconds that an attempt may take; undefined where there is nothing else to try. */
  get patienceMs() {
    return this.#others.length > 0 ? Math.max(shortestTryMs, 3 * this.#openedInMs) : undefined;
  }

  /**
   * A session says where else it could be had, and as whom.
   * @param {{ url: string, alternates: string[], resume?: string, openedInMs: number }} resource
   */
  learn({ url, alternates, resume, openedInMs }) {
    this.#servedAt = new URL(url).origin;
    this.#others = alternates.filter((other) => other !== this.#own);
    this.#resume = resume ?? this.#resume;
    this.#openedInMs = openedInMs;
    this.#index = 0;
    this.#failed = 0;
  }

  /** The node that served the session does not answer any more. */
  leaveNode() {
    if (this.#others.length > 0 && this.#servedAt === new URL(this.#own).origin) this.#index = 1;
  }

  /**
   * The current place did not answer.
   * @returns {boolean} True when there is one that was not tried since the last session.
   */
  moveOn() {
    this.#index = (this.#index + 1) % (this.#others.length + 1);
    this.#failed += 1;
    if (this.#failed <= this.#others.length) return true;
    this.#failed = 0;
    return false;
  }
}
