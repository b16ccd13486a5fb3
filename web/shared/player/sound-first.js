/**
 * Lets a session be heard that has no picture yet: a video element with a video track plays nothing before the first frame,
 * so it gets the sound alone until there are frames.
 */
export class SoundFirst {
  #stage;
  #stream;

  /** @param {import('./stage.js').Stage} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  /**
   * @param {MediaStream | undefined} stream What the session brings.
   * @param {boolean} paused The server says that it sends no picture.
   */
  heed(stream, paused) {
    const [picture] = stream?.getVideoTracks() ?? [];
    if (!paused || !picture?.muted || stream === this.#stream || this.#stage.shows(stream)) return;
    this.#stream = stream;
    picture.addEventListener('unmute', () => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#stage.show(stream);
    }, { once: true });
    this.#stage.show(new MediaStream(stream.getAudioTracks()));
  }

  /** Another stream has come: it begins as always. */
  forget() {
    this.#stream = undefined;
  }
}
