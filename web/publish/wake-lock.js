/** Keeps the screen on while it is needed; the browser drops the lock with the page's visibility, so it is taken again. */
export class WakeLock {
  #lock;
  #wanted = false;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#apply());
  }

  /** @param {boolean} wanted */
  set wanted(wanted) {
    this.#wanted = wanted;
    this.#apply();
  }

  async #apply() {
    if (!this.#wanted) {
      this.#lock?.release().catch(() => {});
      this.#lock = undefined;
    } else if (!document.hidden) {
      // Refused on low battery, absent in some browsers: then the screen follows its own rules.
      this.#lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
    }
  }
}
