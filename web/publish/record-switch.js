import { getJson, request } from '../shared/http/request.js';
import { poll } from '../shared/ui/poll.js';

const pollMs = 3000;

/** After a broadcast has gone live the server may need a moment until it can be recorded. */
const retryMs = 1500;

/** The switch by which a broadcast is recorded. What is wished holds for the next broadcast too; what is shown while live is what is so. */
export class RecordSwitch {
  #input;
  #hint;
  #stream;
  #token;
  #live;
  #changing = 0;

  /**
   * @param {HTMLElement} box With a checkbox and a `.hint` in it; hidden where nothing can be recorded.
   * @param {{ stream: () => string, token?: string, live: () => boolean }} options
   */
  constructor(box, { stream, token, live }) {
    this.#input = box.querySelector('input');
    this.#hint = box.querySelector('.hint');
    this.#stream = stream;
    this.#token = token;
    this.#live = live;
    this.#input.addEventListener('change', () => this.#live() && this.#apply());
    poll(() => this.#look(), pollMs);
  }

  /** The broadcast is live: it is recorded now, if that is wished. */
  onLive() {
    if (this.#input.checked) this.#apply();
    else this.#look().catch(() => {});
  }

  async #apply() {
    const change = ++this.#changing;
    const wanted = this.#input.checked;
    this.#say(wanted ? 'Starting…' : 'Stopping…');
    for (let tries = 0; change === this.#changing && this.#live(); tries++) {
      try {
        await request(this.#address, { method: wanted ? 'POST' : 'DELETE', token: this.#token });
        break;
      } catch (error) {
        if (!wanted && error.status === 404) break; // it was not being recorded
        if (!error.passing || tries >= 5) {
          this.#input.checked = false;
          this.#say(error.message);
          this.#changing = 0;
          return;
        }
        await new Promise((resolve) => { setTimeout(resolve, retryMs); });
      }
    }
    if (change !== this.#changing) return;
    this.#changing = 0;
    await this.#look().catch(() => {});
  }

  async #look() {
    if (this.#changing || !this.#live()) return;
    const { active, trigger } = await getJson(this.#address, { token: this.#token });
    if (this.#changing || !this.#live()) return;
    this.#input.checked = active;
    this.#say(!active ? '' : trigger === 'policy' ? 'It is being recorded: every broadcast of this stream is.' : 'It is being recorded.');
  }

  #say(text) {
    this.#hint.textContent = text;
  }

  get #address() {
    return `/api/v1/streams/${encodeURIComponent(this.#stream())}/recording`;
  }
}
