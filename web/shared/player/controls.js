import { icon } from '../ui/icons.js';

const idleMs = 3000;

/** Buttons, volume and keys of a player. Knows how things look and are reached, not what they do. */
export class Controls {
  #root;
  #frame;
  #idleTimer;

  /**
   * @param {ShadowRoot} root
   * @param {{ toggle(): void, mute(): void, volume(value: number): void, stats?(): void, pip(): void, full(): void,
   *   start(): void, retry(): void }} actions
   */
  constructor(root, actions) {
    this.#root = root;
    this.#frame = root.querySelector('.frame');
    for (const name of ['toggle', 'mute', 'stats', 'pip', 'full', 'start', 'retry']) {
      root.querySelector(`button.${name}`)?.addEventListener('click', () => actions[name]());
    }
    root.querySelector('.unmute')?.addEventListener('click', () => actions.mute());
    root.querySelector('.volume').addEventListener('input', (event) => actions.volume(event.target.valueAsNumber));
    root.querySelector('.pip').hidden = !document.pictureInPictureEnabled;
    this.#frame.addEventListener('dblclick', (event) => { if (event.target.matches('video, .frame')) actions.full(); });
    for (const type of ['pointermove', 'pointerdown', 'focusin']) this.#frame.addEventListener(type, () => this.wake());
    root.host.addEventListener('keydown', (event) => this.#onKey(event, actions));
  }

  /**
   * Shows what is.
   * @param {{ paused: boolean, muted: boolean, volume: number, statistics?: boolean, fullscreen: boolean }} now
   */
  update({ paused, muted, volume, statistics, fullscreen }) {
    this.#paint('toggle', paused ? 'play' : 'pause', paused ? 'Play (space)' : 'Pause (space)');
    this.#paint('mute', muted || volume === 0 ? 'muted' : 'sound', muted ? 'Unmute (m)' : 'Mute (m)');
    this.#paint('full', fullscreen ? 'shrink' : 'fullscreen', fullscreen ? 'Leave full screen (f)' : 'Full screen (f)');
    this.#root.querySelector('.stats')?.setAttribute('aria-pressed', String(statistics));
    this.#root.querySelector('.volume').value = String(muted ? 0 : volume);
  }

  /** Shows the controls, and lets them go again after a while without use. */
  wake() {
    this.#frame.classList.remove('idle');
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      const used = this.#root.querySelector('.controls :focus-visible, .controls:hover, .controls [aria-expanded=true]');
      if (!used && this.#frame.classList.contains('playing')) this.#frame.classList.add('idle');
    }, idleMs);
  }

  #paint(name, iconName, label) {
    const button = this.#root.querySelector(`.controls .${name}`);
    if (button.title === label && button.ariaLabel) return;
    button.innerHTML = icon(iconName);
    button.title = label;
    button.setAttribute('aria-label', label.replace(/ \(.*/, ''));
  }

  #onKey(event, actions) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const onButton = this.#root.activeElement?.matches('button');
    const action = { ' ': onButton ? undefined : 'toggle', k: 'toggle', m: 'mute', f: 'full', p: 'pip', i: 'stats' }[event.key.toLowerCase()];
    if (!action || !actions[action]) return;
    event.preventDefault();
    this.wake();
    actions[action]();
  }
}
