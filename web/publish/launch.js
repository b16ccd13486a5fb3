/**
 * What lies between pressing “Go live” and the session: everything chosen is opened first. A session that began with
 * the sound alone would have to be replaced as soon as the picture arrives, and viewers would see that.
 */
export class Launch {
  #studio;
  #openAll;
  #attempt;

  /**
   * @param {import('./studio.js').Studio} studio
   * @param {() => void} openAll Begins to open what the settings name.
   */
  constructor(studio, openAll) {
    this.#studio = studio;
    this.#openAll = openAll;
  }

  /** Whether somebody waits for the devices to go live. */
  get waiting() {
    return this.#attempt !== undefined;
  }

  /**
   * Waits until nothing is being opened any more; begins to open if nothing is open yet.
   * @returns {Promise<'ready' | 'incomplete' | 'empty' | 'cancelled'>} incomplete: something failed meanwhile, so that
   *   what would go out is less than was asked for; empty: there is nothing to send.
   */
  async prepare() {
    const studio = this.#studio;
    const attempt = this.#attempt = { failed: false };
    const onProblem = () => { attempt.failed = true; };
    studio.addEventListener('problem', onProblem);
    if (studio.idle) this.#openAll();
    await studio.settled();
    studio.removeEventListener('problem', onProblem);
    if (attempt !== this.#attempt) return 'cancelled';
    this.#attempt = undefined;
    if (studio.stream.getTracks().length === 0) return 'empty';
    return attempt.failed ? 'incomplete' : 'ready';
  }

  /** The devices go on opening, for the preview; nobody goes live. */
  cancel() {
    this.#attempt = undefined;
  }
}
