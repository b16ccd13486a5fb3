/** Packets sent before the publisher left arrive within this time; the first look at them may come as late. */
const trailingMs = 1000;

/**
 * Whether anybody publishes, by two witnesses: the server's events, which say so at once, and the media, which is counted only
 * now and then. Media that is first counted just after the server said that the publisher left was sent before.
 * Times are given, so that it can be tested.
 */
export class SourcePresence {
  #leftMs;

  /** The server says that nobody publishes any more. */
  get absent() {
    return this.#leftMs !== undefined;
  }

  /** @param {number} nowMs */
  leave(nowMs) {
    this.#leftMs ??= nowMs;
  }

  return() {
    this.#leftMs = undefined;
  }

  /**
   * Media was counted.
   * @param {number} nowMs
   * @returns {boolean} Whether it shows that somebody publishes: the event that says so may be late, or lost.
   */
  onMedia(nowMs) {
    if (nowMs - this.#leftMs < trailingMs) return false;
    this.return();
    return true;
  }
}
