import { getJson } from '../shared/http/request.js';
import { poll } from '../shared/ui/poll.js';

/** How often it is asked whether the broadcast is being recorded. */
const askMs = 10_000;

/** One who rewinds has missed something just now. */
const backSeconds = 30;

/** Where a broadcast is being recorded, one can go back in it, and to live again. */
export class Rewind {
  #stream;
  #token;
  #live;
  #stage;
  #button;
  #recording;

  /** @param {{ stream: string, token?: string, player: HTMLElement, stage: HTMLElement, button: HTMLButtonElement }} options player is the live one. */
  constructor({ stream, token, player, stage, button }) {
    this.#stream = stream;
    this.#token = token;
    this.#live = player;
    this.#stage = stage;
    this.#button = button;
    button.addEventListener('click', () => this.#open());
    poll(() => this.#ask(), askMs);
  }

  async #ask() {
    if (this.#recording?.isConnected) return;
    const { active, id } = await getJson(`/api/v1/streams/${encodeURIComponent(this.#stream)}/recording`, { token: this.#token });
    this.#button.hidden = !active;
    this.#button.dataset.id = id ?? '';
  }

  async #open() {
    await import('../shared/recording-player.js'); // only those who want it load it
    const recording = document.createElement('recording-player');
    recording.setAttribute('label', `Recording of ${this.#stream}`);
    if (this.#token) recording.setAttribute('token', this.#token);
    recording.setAttribute('autoplay', '');
    recording.setAttribute('back', String(backSeconds));
    recording.setAttribute('src', `/vod/${this.#button.dataset.id}/index.json`);
    recording.addEventListener('live', (event) => {
      event.preventDefault();
      this.#close();
    });
    this.#recording = recording;
    this.#live.pause();
    this.#live.hidden = true;
    this.#button.hidden = true;
    this.#stage.append(recording);
    recording.focus();
  }

  #close() {
    this.#recording.remove();
    this.#live.hidden = false;
    this.#live.play();
    this.#live.focus();
    this.#button.hidden = false;
  }
}
