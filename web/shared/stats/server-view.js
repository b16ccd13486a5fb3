import { poll } from '../ui/poll.js';

/** A person cannot follow more, and many may look at once. */
const intervalMs = 2000;

/** After so long without an answer the last one says nothing of the present. */
const validMs = 5000;

/**
 * What the server knows of a viewer's session and the browser does not, asked for only while somebody looks at it.
 * Events of a session tell what changes seldom; an estimate changes all the time.
 */
export class ServerView {
  #ask;
  #onAnswer;
  #stop;
  #answer;
  #answeredMs;

  /**
   * @param {() => Promise<{ estimatedBitsPerSecond?: number | null } | undefined>} ask undefined: the server does not say.
   * @param {() => void} onAnswer
   */
  constructor(ask, onAnswer) {
    this.#ask = ask;
    this.#onAnswer = onAnswer;
  }

  /** Whether somebody looks. */
  set wanted(wanted) {
    if (wanted === (this.#stop !== undefined)) return;
    this.#stop?.();
    this.#stop = wanted ? poll(() => this.#look(), intervalMs) : undefined;
  }

  /** What the server takes this viewer's network for; undefined when that is not known at present. */
  get estimatedBitsPerSecond() {
    const fresh = this.#stop && performance.now() - this.#answeredMs < validMs;
    return fresh ? this.#answer?.estimatedBitsPerSecond ?? undefined : undefined;
  }

  async #look() {
    this.#answer = await this.#ask();
    this.#answeredMs = performance.now();
    if (this.#stop) this.#onAnswer();
  }
}
