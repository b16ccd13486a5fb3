import { partAt } from './timeline.js';

/** Plays finished files one after the other; each seeks by itself. `position` is the recording's, the video's time the file's. */
export class FileList {
  #video;
  #parts;
  #address;
  #current = -1;
  #onEnded = () => this.#next();

  /**
   * @param {HTMLVideoElement} video
   * @param {import('./timeline.js').Part[]} parts
   * @param {(url: string) => string} address What a file is asked for by.
   */
  constructor(video, parts, address) {
    this.#video = video;
    this.#parts = parts;
    this.#address = address;
    video.addEventListener('ended', this.#onEnded);
  }

  get position() {
    return this.#current < 0 ? 0 : this.#parts[this.#current].start + this.#video.currentTime;
  }

  /** True when the last file has been played. */
  get isOver() {
    return this.#video.ended && this.#current === this.#parts.length - 1;
  }

  /** @param {number} position */
  seek(position) {
    const index = partAt(this.#parts, position);
    if (index < 0) return;
    const offset = Math.max(position - this.#parts[index].start, 0);
    if (index === this.#current) this.#video.currentTime = offset;
    else this.#open(index, offset, !this.#video.paused);
  }

  close() {
    this.#video.removeEventListener('ended', this.#onEnded);
  }

  #next() {
    if (this.#current + 1 < this.#parts.length) this.#open(this.#current + 1, 0, true);
  }

  #open(index, offset, play) {
    this.#current = index;
    const url = this.#address(this.#parts[index].url);
    this.#video.src = offset > 0 ? `${url}#t=${offset}` : url; // the first request is for the right place then
    if (play) this.#video.play().catch(() => {});
  }
}
