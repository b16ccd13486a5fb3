/** A change smaller than this would hardly ever need another quality. */
const tolerance = 0.2;

/** A size that changes all the time (a window being dragged) is reported when it rests. */
const restMs = 500;

/**
 * Pixels of the screen that a box covers.
 * @param {{ width: number, height: number }} box In CSS pixels.
 * @param {number} pixelRatio
 * @returns {{ width: number, height: number } | undefined} undefined when nothing is shown, which says nothing about a size.
 */
export function screenPixels({ width, height }, pixelRatio) {
  const [across, down] = [Math.ceil(width * pixelRatio), Math.ceil(height * pixelRatio)];
  return across > 0 && down > 0 ? { width: across, height: down } : undefined;
}

/**
 * Whether a size is so different from the one last told that the server must hear of it.
 * @param {{ width: number, height: number } | undefined} told undefined: no limit.
 * @param {{ width: number, height: number } | undefined} now
 */
export function worthTelling(told, now) {
  if (!told || !now) return told !== now;
  const differs = (a, b) => Math.abs(a - b) > tolerance * a;
  return differs(told.width, now.width) || differs(told.height, now.height);
}

/** Watches in how many pixels a player's picture is shown, and says so when that changes by much. */
export class ShownSize {
  #element;
  #onChange;
  #told;
  #timer;
  #observer = new ResizeObserver(() => this.#later());
  #floating;
  #onFloating = ({ type, pictureInPictureWindow: window }) => {
    this.#floating = type === 'enterpictureinpicture' ? window : undefined;
    window?.addEventListener('resize', () => this.#later());
    this.#later();
  };
  #later = () => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), restMs);
  };

  /**
   * @param {HTMLElement} element
   * @param {(size: { width: number, height: number } | undefined) => void} onChange undefined: no limit.
   */
  constructor(element, onChange) {
    this.#element = element;
    this.#onChange = onChange;
  }

  /** @returns {{ width: number, height: number } | undefined} undefined in full screen: there a limit would only do harm. */
  get now() {
    if (document.fullscreenElement?.contains(this.#element)) return undefined;
    const box = this.#floating ?? this.#element.getBoundingClientRect();
    return screenPixels(box, devicePixelRatio);
  }

  /** Tells the present size at once, and every change from then on. */
  start() {
    this.#observer.observe(this.#element);
    document.addEventListener('fullscreenchange', this.#later);
    for (const type of ['enterpictureinpicture', 'leavepictureinpicture']) this.#element.shadowRoot?.addEventListener(type, this.#onFloating);
    this.#told = this.now;
    this.#onChange(this.#told);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    document.removeEventListener('fullscreenchange', this.#later);
    for (const type of ['enterpictureinpicture', 'leavepictureinpicture']) this.#element.shadowRoot?.removeEventListener(type, this.#onFloating);
    this.#floating = undefined;
  }

  #tell() {
    const { now } = this;
    const lifted = now === undefined && !document.fullscreenElement?.contains(this.#element);
    if (lifted || !worthTelling(this.#told, now)) return; // a hidden player keeps what it had
    this.#told = now;
    this.#onChange(now);
  }
}
