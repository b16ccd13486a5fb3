/**
 * Growing, jittered waiting times, so that thousands of clients that lost the same server do not return at once.
 * The n-th wait lies between half and all of first × factor^n, bounded by the maximum.
 */
export class Backoff {
  #firstMs;
  #maximumMs;
  #factor;
  #random;
  #nextMs;
  #fresh = true;

  /** @param {{ firstMs?: number, maximumMs?: number, factor?: number, random?: () => number }} options */
  constructor({ firstMs = 250, maximumMs = 8000, factor = 2, random = Math.random } = {}) {
    this.#firstMs = firstMs;
    this.#maximumMs = maximumMs;
    this.#factor = factor;
    this.#random = random;
    this.#nextMs = firstMs;
  }

  /**
   * The next wait in milliseconds.
   * @param {number} [floorMs] What the server asked for (Retry-After): never earlier, up to a quarter later.
   */
  next(floorMs = 0) {
    this.#fresh = false;
    const base = this.#nextMs;
    this.#nextMs = Math.min(base * this.#factor, this.#maximumMs);
    return Math.max(base * (0.5 + this.#random() / 2), floorMs * (1 + this.#random() / 4));
  }

  /** No wait at all for the first loss after a success; then as {@link next}. */
  nextAfterLoss() {
    const wait = this.#fresh ? 0 : this.next();
    this.#fresh = false;
    return wait;
  }

  /** After a success the first wait is short again. */
  reset() {
    this.#fresh = true;
    this.#nextMs = this.#firstMs;
  }
}
