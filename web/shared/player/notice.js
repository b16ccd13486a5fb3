const texts = {
  connecting: ['Connecting…', ''],
  waiting: ['Waiting for the broadcast', 'It starts here by itself as soon as somebody goes live.'],
  reconnecting: ['Reconnecting…', ''],
  paused: ['The broadcast has paused', 'It goes on here by itself when the broadcaster returns.'],
  failed: ['This broadcast cannot be played', ''],
};

/** What the player says instead of, or above, a picture. */
export class Notice {
  #root;

  /** @param {ShadowRoot} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {import('../whep.js').WhepState} state
   * @param {{ picture: boolean, error?: Error }} options picture: a last frame is still on the screen.
   */
  show(state, { picture, error }) {
    const [headline, detail] = texts[picture && state === 'waiting' ? 'paused' : state] ?? ['', ''];
    const notice = this.#root.querySelector('.notice');
    // A frozen frame with a small note is calmer than a curtain that falls and rises.
    notice.hidden = !headline || (picture && state === 'reconnecting');
    notice.classList.toggle('failed', state === 'failed');
    notice.classList.toggle('picture', picture);
    this.#root.querySelector('.headline').textContent = headline;
    this.#root.querySelector('.detail').textContent = state === 'waiting' ? detail : error?.message ?? detail;
    this.#root.querySelector('.retry').hidden = state !== 'failed';
    this.#root.querySelector('.again').hidden = state !== 'reconnecting';
    this.#root.querySelector('.badge').hidden = state !== 'playing';
    this.#root.querySelector('.status').textContent = state === 'playing' ? 'Playing live' : headline;
  }
}
