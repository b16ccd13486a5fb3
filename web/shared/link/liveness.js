/** A session is asked about at most this often … */
const shortestSpacingMs = 1000;

/** … and, while it answers that it lives, ever more rarely, up to this. */
const longestSpacingMs = 30_000;

/** After this long without suspicion the questions may follow each other closely again. */
const calmMs = 10_000;

/** A server that refuses while media still flows is believed only if they stop within this time. */
const doubtMs = 1000;

/**
 * Finds out early that a session is over: suspects it for little, then asks the server, and believes the answer.
 *
 *   calm → (suspect media, or an alarm) → asking → alive: calm again
 *                                                → refused, no answer: lost, until media comes back
 *                                                → gone: lost for good
 *
 * Driven by the ticks of a {@link import('./media-watch.js').MediaWatch}; times are given, so that it can be tested.
 */
export class Liveness {
  #ask;
  #onLost;
  #verdict = 'quiet';
  #alarmed = false;
  #asking = false;
  #askedMs = -Infinity;
  #spacingMs = shortestSpacingMs;
  #suspectMs = -Infinity;
  #refusedMs;
  #nowMs = 0;
  #lost = false;
  #stopped = false;

  /**
   * @param {{
   *   ask: () => Promise<'alive' | 'gone' | 'refused' | 'silent'>, onLost: (gone: boolean) => void,
   * }} options ask never rejects; onLost is called once for each loss; gone: the server says that the session is over.
   */
  constructor({ ask, onLost }) {
    this.#ask = ask;
    this.#onLost = onLost;
  }

  /**
   * What the media did since the last tick.
   * @param {'media' | 'quiet' | 'suspect' | 'stalled'} verdict
   * @param {number} nowMs
   */
  tick(verdict, nowMs) {
    if (this.#stopped) return;
    this.#verdict = verdict;
    this.#nowMs = nowMs;
    if (verdict === 'media') {
      this.#lost = false;
      if (nowMs - this.#refusedMs > doubtMs) this.#refusedMs = undefined;
    } else if (this.#refusedMs !== undefined) {
      this.#lose();
    }
    if (this.#suspicious) this.#suspectMs = nowMs;
    else if (nowMs - this.#suspectMs > calmMs) this.#spacingMs = shortestSpacingMs;
    this.#consider(nowMs);
  }

  /**
   * Something else than silence is wrong: the event stream broke, or ICE lost its path.
   * @param {number} nowMs
   */
  alarm(nowMs) {
    this.#alarmed = true;
    this.#nowMs = nowMs;
    this.#consider(nowMs);
  }

  stop() {
    this.#stopped = true;
  }

  get #suspicious() {
    return this.#verdict === 'suspect' || this.#verdict === 'stalled';
  }

  async #consider(nowMs) {
    if (this.#asking || this.#lost || this.#stopped || !(this.#alarmed || this.#suspicious)) return;
    // An alarm is news, which the questions about a quiet source must not delay for long.
    if (nowMs - this.#askedMs < (this.#alarmed ? shortestSpacingMs : this.#spacingMs)) return;
    this.#alarmed = false;
    this.#asking = true;
    this.#askedMs = nowMs;
    const answer = await this.#ask();
    this.#asking = false;
    if (this.#stopped) return;
    if (answer === 'gone') this.#lose(true);
    else if (answer === 'refused') this.#onRefused();
    else if (answer === 'silent' && this.#suspicious) this.#lose(); // a slow answer to a question that media has settled is none
    else this.#spacingMs = Math.min(this.#spacingMs * 2, longestSpacingMs);
  }

  /** Media that came just before the server went looks like media that flows: the next tick tells them apart. */
  #onRefused() {
    if (this.#verdict === 'media') this.#refusedMs = this.#nowMs;
    else this.#lose();
  }

  #lose(gone = false) {
    this.#refusedMs = undefined;
    if (gone) this.stop();
    if (this.#lost) return;
    this.#lost = true;
    this.#onLost(gone);
  }
}
