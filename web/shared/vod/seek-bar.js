import { formatDuration } from '../ui/format.js';

/** The bar on which one sees and chooses a position: what is played and buffered, chapters, and a picture of where one points at. */
export class SeekBar {
  #root;
  #input;
  #bubble;
  #timeline;
  #address;
  #duration = 1;

  /** True while a thumb is being dragged: then the bar says where to go, not where one is. */
  dragging = false;

  /**
   * @param {ShadowRoot} root
   * @param {{ seek: (position: number) => void, address: (url: string) => string }} actions
   */
  constructor(root, { seek, address }) {
    this.#root = root;
    this.#address = address;
    this.#input = root.querySelector('.seek');
    this.#bubble = root.querySelector('.bubble');
    this.#input.addEventListener('input', () => {
      this.dragging = true;
      this.#paint(this.#input.valueAsNumber);
    });
    this.#input.addEventListener('change', () => {
      this.dragging = false;
      seek(this.#input.valueAsNumber);
    });
    this.#input.addEventListener('pointermove', (event) => this.#point(event));
    for (const type of ['pointerleave', 'blur']) this.#input.addEventListener(type, () => { this.#bubble.hidden = true; });
  }

  /**
   * @param {import('./timeline.js').Timeline} timeline
   * @param {number} duration Seconds.
   */
  setTimeline(timeline, duration) {
    this.#timeline = timeline;
    this.#duration = Math.max(duration, 0.1);
    this.#input.max = String(this.#duration);
    const marks = timeline.chapters.filter(({ at }) => at > 0.5 && at < duration).map(({ at }) => {
      const mark = document.createElement('i');
      mark.style.left = this.#share(at);
      return mark;
    });
    this.#root.querySelector('.marks').replaceChildren(...marks);
  }

  /** @param {{ position: number, buffered: number }} now Where it is, and up to where it is buffered from there. */
  update({ position, buffered }) {
    this.#root.querySelector('.buffered').style.width = this.#share(buffered);
    if (this.dragging) return;
    this.#input.value = String(position);
    this.#paint(position);
  }

  #paint(position) {
    this.#root.querySelector('.played').style.width = this.#share(position);
    this.#input.setAttribute('aria-valuetext', `${formatDuration(position * 1000)} of ${formatDuration(this.#duration * 1000)}`);
  }

  #point(event) {
    const { left, width } = this.#input.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
    const position = share * this.#duration;
    const preview = this.#timeline?.preview(position);
    const tile = this.#bubble.querySelector('.tile');
    tile.hidden = !preview;
    if (preview) {
      tile.style.cssText = `width:${preview.width}px;height:${preview.height}px;background-position:-${preview.x}px -${preview.y}px`;
      tile.style.backgroundImage = `url("${this.#address(preview.url)}")`;
    }
    const chapter = this.#timeline?.chapters.findLast(({ at }) => at <= position);
    const named = this.#bubble.querySelector('.chapter');
    named.hidden = !chapter || this.#timeline.chapters.length < 2;
    named.textContent = chapter?.name ?? '';
    this.#bubble.querySelector('.at').textContent = formatDuration(position * 1000);
    this.#bubble.hidden = false;
    const half = this.#bubble.offsetWidth / 2;
    this.#bubble.style.left = `${Math.min(Math.max(share * width, half), width - half)}px`;
  }

  #share(position) {
    return `${Math.min(Math.max(position / this.#duration, 0), 1) * 100}%`;
  }
}
