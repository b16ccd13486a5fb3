import { openCamera, openMicrophone, openScreen, screenConstraints } from './capture.js';
import { Mixer } from './mixer.js';

/**
 * Holds what is being captured, and turns settings into a stream. Changes are made one after the other.
 *
 * Events: `stream` { stream } when its tracks changed; `problem` { kind, error } when something could not be opened;
 * `lost` { kind } when a device was unplugged (`camera`, `microphone`) or sharing was ended (`screen`).
 */
export class Studio extends EventTarget {
  #video;
  #microphone;
  #screenSound;
  #mixer;
  #queue = Promise.resolve();
  #waiting = 0;

  stream = new MediaStream();

  /** The microphone alone, for the level meter. */
  get microphone() {
    return this.#microphone;
  }

  /** Whether something is being opened or waits for its turn. */
  get opening() {
    return this.#waiting > 0;
  }

  /** Whether nothing is open and nothing will be. */
  get idle() {
    return !this.opening && this.stream.getTracks().length === 0;
  }

  /** Resolves when everything that was asked for, also meanwhile, has been opened or has failed. */
  async settled() {
    while (this.opening) await this.#queue;
  }

  /**
   * Opens the picture that the settings name; the old one is closed.
   * @param {import('./settings.js').Settings} settings
   * @returns {Promise<boolean>} False when it could not be opened; the old screen share or nothing then remains.
   */
  openPicture(settings) {
    return this.#enqueue(settings.source, async () => {
      if (settings.source === 'screen') {
        const { video, audio } = await openScreen(settings); // refused: the old picture stays
        this.#closePicture();
        this.#video = this.#guard(video, 'screen');
        this.#screenSound = audio;
      } else {
        this.#closePicture(); // first, since many phones open one camera only
        if (settings.source === 'camera') this.#video = this.#guard(await openCamera(settings), 'camera');
      }
    });
  }

  /**
   * Changes size and frame rate of the picture. A shared screen is not chosen again for that.
   * @param {import('./settings.js').Settings} settings
   */
  resizePicture(settings) {
    if (settings.source !== 'screen' || !this.#video) return this.openPicture(settings);
    return this.#enqueue('screen', () => this.#video.applyConstraints(screenConstraints(settings)));
  }

  /**
   * Opens the microphone that the settings name, or none.
   * @param {import('./settings.js').Settings} settings
   * @returns {Promise<boolean>}
   */
  openSound(settings) {
    return this.#enqueue('microphone', async () => {
      close(this.#microphone);
      this.#microphone = undefined;
      if (settings.microphone !== 'none') this.#microphone = this.#guard(await openMicrophone(settings), 'microphone');
    });
  }

  #closePicture() {
    close(this.#video);
    close(this.#screenSound);
    this.#video = this.#screenSound = undefined;
  }

  #enqueue(kind, task) {
    this.#waiting += 1;
    const result = this.#queue.then(async () => {
      try {
        await task();
        return true;
      } catch (error) {
        this.dispatchEvent(new CustomEvent('problem', { detail: { kind, error } }));
        return false;
      } finally {
        this.#waiting -= 1;
        this.#compose();
      }
    });
    this.#queue = result;
    return result;
  }

  #compose() {
    const sounds = [this.#microphone, this.#screenSound].filter(Boolean);
    this.#mixer?.close();
    this.#mixer = sounds.length > 1 ? new Mixer(sounds) : undefined;
    const tracks = [this.#mixer?.track ?? sounds[0], this.#video].filter(Boolean);
    const before = this.stream.getTracks();
    if (tracks.length === before.length && tracks.every((track) => before.includes(track))) return;
    this.stream = new MediaStream(tracks);
    this.dispatchEvent(new CustomEvent('stream', { detail: { stream: this.stream } }));
  }

  /** `ended` comes only when somebody else ended the track; stop() does not raise it. */
  #guard(track, kind) {
    track.addEventListener('ended', () => this.dispatchEvent(new CustomEvent('lost', { detail: { kind } })));
    return track;
  }
}

function close(track) {
  track?.stop();
}
