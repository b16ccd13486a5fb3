/**
 * Two video elements, one of them shown. A new stream loads behind the picture and takes its place with its first
 * frame, so that the viewer never sees black between two sessions.
 */
export class Stage {
  #shown;
  #hidden;
  #onShown;

  /**
   * @param {[HTMLVideoElement, HTMLVideoElement]} videos
   * @param {(stream: MediaStream) => void} onShown Called when a stream's first frame is on the screen.
   */
  constructor([first, second], onShown) {
    this.#shown = first;
    this.#hidden = second;
    this.#onShown = onShown;
    this.#arrange();
  }

  /** The element whose picture is seen and whose sound is heard. */
  get video() {
    return this.#shown;
  }

  /** @param {MediaStream} stream */
  show(stream) {
    if (this.#shown.srcObject === stream) {
      this.#hidden.srcObject = null; // what was to replace it is not needed any more
      return;
    }
    const video = this.#shown.srcObject ? this.#hidden : this.#shown;
    video.srcObject = stream;
    video.muted = video === this.#hidden || this.#shown.muted;
    this.#onFirstFrame(video, stream);
    // Paused by the viewer: the new stream is put in place, and shown at live when playing goes on.
    if (video === this.#shown && video.paused && !video.autoplay) return;
    video.play().catch(() => {}); // a refusal of the shown element is handled by who started it
  }

  /** True when pictures of a stream are on the screen. */
  shows(stream) {
    return this.#shown.srcObject === stream && this.#shown.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  clear() {
    this.#shown.srcObject = null;
    this.#hidden.srcObject = null;
  }

  #onFirstFrame(video, stream) {
    const ready = () => {
      if (video.srcObject !== stream) return;
      if (video === this.#hidden) this.#swap();
      this.#onShown(stream);
    };
    if ('requestVideoFrameCallback' in video && !document.hidden) video.requestVideoFrameCallback(ready);
    // Without a picture (sound only), in a hidden page, or in older browsers this is what tells.
    video.addEventListener('playing', () => {
      if (stream.getVideoTracks().length === 0 || document.hidden || !('requestVideoFrameCallback' in video)) ready();
    }, { once: true });
  }

  #swap() {
    const [old, fresh] = [this.#shown, this.#hidden];
    fresh.volume = old.volume;
    fresh.muted = old.muted;
    if (old.paused) fresh.pause();
    this.#shown = fresh;
    this.#hidden = old;
    this.#arrange();
    old.muted = true;
    this.#keepFloating(old, fresh).then(() => { if (old === this.#hidden && fresh === this.#shown) old.srcObject = null; });
  }

  /** A floating picture follows: needs no click, since one is floating already. */
  async #keepFloating(old, fresh) {
    if (old.getRootNode().pictureInPictureElement === old) await fresh.requestPictureInPicture().catch(() => {});
  }

  #arrange() {
    this.#shown.classList.add('shown');
    this.#hidden.classList.remove('shown');
    this.#hidden.muted = true;
  }
}
