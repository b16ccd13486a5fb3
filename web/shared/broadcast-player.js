import { noLayers } from './layers/layers-event.js';
import { describeQuality, qualitiesOf, readQuality } from './layers/qualities.js';
import { explain, whySoundOnly } from './layers/reasons.js';
import { ShownSize } from './layers/shown-size.js';
import { Controls } from './player/controls.js';
import { markup } from './player/markup.js';
import { Notice } from './player/notice.js';
import { QualityMenu } from './player/quality-menu.js';
import { SoundFirst } from './player/sound-first.js';
import { Stage } from './player/stage.js';
import { Statistics } from './player/statistics.js';
import { style } from './player/style.js';
import { createInboundSampler } from './stats/inbound.js';
import { ServerView } from './stats/server-view.js';
import { WhepClient } from './whep.js';

/**
 * `<broadcast-player src="https://host/whep/name">`: plays a live broadcast, waits for it, and comes back to it.
 *
 * Attributes: `src` (a WHEP URL), `token` (bearer), `autoplay`, `muted`, `poster` (an image), `label` (its name for
 * screen readers), `quality` (`auto` or, where there are several, one such as `720p`). Events: `playing`, `waiting`,
 * `reconnecting`, `error` { error }, `stats` (an InboundSample, once a second while there is a connection), `viewers`
 * { count }, `quality` { quality, shown, qualities, paused, limit }. Keys while it has the focus: space, m, f, p, i.
 */
export class BroadcastPlayer extends HTMLElement {
  static observedAttributes = ['src', 'token', 'poster', 'label', 'quality'];

  #client;
  #stage;
  #soundFirst;
  #stream;
  #controls;
  #notice;
  #statistics;
  #sample = createInboundSampler();
  #sampling;
  #paused = false;
  #layers = noLayers;
  #quality = 'auto';
  #qualityMenu;
  #said;
  #size;
  #shownSize = new ShownSize(this, (size) => this.#onSize(size));
  #serverView = new ServerView(async () => this.#client?.describe(), () => this.#showQuality());
  #started = false;
  #connected = false;
  #onFullscreen = () => this.#update();

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = markup;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.#stage = new Stage([...root.querySelectorAll('video')], (stream) => this.#client?.settle(stream));
    this.#soundFirst = new SoundFirst(this.#stage);
    this.#notice = new Notice(root);
    this.#statistics = new Statistics(root.querySelector('.statistics'));
    this.#controls = new Controls(root, {
      toggle: () => (this.paused ? this.play() : this.pause()),
      mute: () => { this.muted = !this.muted; },
      volume: (value) => { this.volume = value; },
      stats: () => this.toggleStatistics(),
      pip: () => this.#pictureInPicture(),
      full: () => this.#fullscreen(),
      start: () => this.play(),
      retry: () => this.reload(),
    });
    this.#qualityMenu = new QualityMenu(root, (quality) => { this.quality = quality; }, () => this.#heedServer());
    for (const video of root.querySelectorAll('video')) {
      for (const type of ['play', 'pause', 'volumechange']) video.addEventListener(type, () => this.#update());
    }
  }

  connectedCallback() {
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', this.getAttribute('label') ?? 'Live video');
    this.#video.muted = this.hasAttribute('muted');
    document.addEventListener('fullscreenchange', this.#onFullscreen);
    this.#connected = true;
    if (this.hasAttribute('autoplay')) this.play();
    this.#update();
  }

  disconnectedCallback() {
    this.#connected = false;
    document.removeEventListener('fullscreenchange', this.#onFullscreen);
    this.#stop();
  }

  attributeChangedCallback(name, before, after) {
    if (name === 'poster') {
      const image = this.shadowRoot.querySelector('.poster');
      image.hidden = !after;
      if (after) image.src = after;
    } else if (name === 'label') {
      this.setAttribute('aria-label', after ?? 'Live video');
    } else if (name === 'quality') {
      this.quality = after;
    } else if (before !== after && this.#connected && (this.#started || this.hasAttribute('autoplay'))) {
      this.reload(); // also when src comes after the element
    }
  }

  /** @returns {import('./whep.js').WhepState} */
  get state() {
    return this.#client?.state ?? 'idle';
  }

  get paused() {
    return !this.#started || this.#paused;
  }

  get muted() {
    return this.#video.muted;
  }

  set muted(value) {
    this.#video.muted = Boolean(value);
    if (!value && this.#video.volume === 0) this.#video.volume = 1;
    this.#update();
  }

  get volume() {
    return this.#video.volume;
  }

  set volume(value) {
    this.#video.volume = Math.min(Math.max(value, 0), 1);
    this.#video.muted = this.#video.volume === 0;
  }

  /** What the viewer wants: `auto`, or a quality such as `720p`; it holds for whatever is played from now on. */
  get quality() {
    return this.#quality;
  }

  set quality(value) {
    this.#quality = readQuality(value);
    if (this.#client) this.#client.quality = this.#quality;
    this.#showQuality();
  }

  /** What there is to choose from at present besides `auto`, the best first; empty when there is one quality only. */
  get qualities() {
    return qualitiesOf(this.#layers.layers).map(({ quality }) => quality);
  }

  /** Starts, or goes on at what is live now. */
  play() {
    this.#paused = false;
    if (!this.#started) this.#start();
    this.#playVideo();
    this.#update();
  }

  /** Stops picture and sound. The session stays, so that play() continues at once, at live. */
  pause() {
    this.#paused = true;
    this.#video.pause();
    this.#update();
  }

  /** Begins anew with the present `src` and `token`. */
  reload() {
    this.#stop();
    this.play();
  }

  toggleStatistics() {
    this.#statistics.shown = !this.#statistics.shown;
    this.#heedServer();
    this.#update();
  }

  get #video() {
    return this.#stage.video;
  }

  #start() {
    const src = this.getAttribute('src');
    if (!src) return;
    this.#started = true;
    this.#client = new WhepClient(src, { token: this.getAttribute('token') ?? undefined });
    this.#client.addEventListener('state', ({ detail }) => this.#onState(detail));
    this.#client.addEventListener('stream', ({ detail }) => this.#onStream(detail.stream));
    this.#client.addEventListener('layers', ({ detail }) => this.#onLayers(detail));
    this.#client.addEventListener('viewers', ({ detail }) => this.#onViewers(detail.count));
    this.#client.quality = this.#quality;
    this.#shownSize.start();
    this.#client.start();
    this.#heedServer();
    this.#sampling = setInterval(() => this.#takeSample(), 1000);
  }

  #stop() {
    clearInterval(this.#sampling);
    this.#shownSize.stop();
    this.#client?.stop();
    this.#client = undefined;
    this.#started = false;
    this.#heedServer();
    this.#stage.clear();
    this.#soundFirst.forget();
    this.#stream = undefined;
    this.#onLayers(noLayers);
  }

  #onStream(stream) {
    this.#stream = stream;
    this.#soundFirst.forget();
    this.#stage.show(stream);
    this.#playVideo();
  }

  /** Plays with sound if the browser allows it, else without: a muted picture is better than none. */
  async #playVideo() {
    const video = this.#video;
    if (this.#paused || !video.srcObject) return;
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      await video.play().catch(() => this.pause());
    }
    this.#update();
  }

  #onState({ state, error }) {
    this.#notice.show(state, { picture: this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA, error });
    if (state === 'failed') {
      this.#started = false;
      this.#heedServer();
      clearInterval(this.#sampling);
    }
    this.#update();
    const type = { playing: 'playing', waiting: 'waiting', reconnecting: 'reconnecting', failed: 'error' }[state];
    if (type) this.dispatchEvent(new CustomEvent(type, { detail: { error } }));
  }

  #onViewers(count) {
    this.shadowRoot.querySelector('.count').textContent = String(count);
    this.#update();
    this.dispatchEvent(new CustomEvent('viewers', { detail: { count } }));
  }

  #onSize(size) {
    this.#size = size;
    if (this.#client) this.#client.shownSize = size;
    this.#showQuality();
  }

  /** Asks the server for more than it tells, only while that is looked at. */
  #heedServer() {
    this.#serverView.wanted = this.#started && (this.#statistics.shown || this.#qualityMenu.open);
  }

  #onLayers(layers) {
    this.#layers = layers;
    this.#soundFirst.heed(this.#stream, layers.selected?.paused === true);
    this.#showQuality();
    this.#showSoundOnly(true);
  }

  #showQuality() {
    const { selected } = this.#layers;
    this.#qualityMenu.show(this.#quality, this.#layers, this.#why);
    const detail = {
      quality: this.#quality, shown: describeQuality(this.#quality, selected).now, qualities: this.qualities,
      paused: selected?.paused ?? false, limit: selected?.limit,
    };
    const said = JSON.stringify(detail);
    if (said === this.#said) return;
    this.#said = said;
    this.dispatchEvent(new CustomEvent('quality', { detail }));
  }

  /** What decides about the quality, as a sentence. */
  get #why() {
    const { estimatedBitsPerSecond } = this.#serverView;
    return explain(this.#layers.selected, { quality: this.#quality, size: this.#size, estimatedBitsPerSecond });
  }

  async #takeSample() {
    const connection = this.#client?.connection;
    if (!connection || document.hidden) return;
    const { automatic, now } = describeQuality(this.#quality, this.#layers.selected);
    const quality = automatic ? ['Auto', now && `(${now})`].filter(Boolean).join(' ') : now;
    const sample = {
      ...(await this.#sample(connection)), quality, why: this.#why,
      layer: this.#layers.selected, estimatedBitsPerSecond: this.#serverView.estimatedBitsPerSecond,
    };
    this.#statistics.update(sample);
    this.#showSoundOnly(sample.framesPerSecond > 0);
    this.dispatchEvent(new CustomEvent('stats', { detail: sample }));
  }

  #update() {
    const { shadowRoot: root, state, muted, volume } = this;
    const fullscreen = document.fullscreenElement === this;
    this.#controls.update({ paused: this.paused, muted, volume, statistics: this.#statistics.shown, fullscreen });
    const frame = root.querySelector('.frame');
    frame.classList.toggle('playing', state === 'playing' && !this.paused);
    frame.classList.toggle('blank', state !== 'playing' && state !== 'reconnecting');
    this.#showSoundOnly(true);
    root.querySelector('.start').hidden = !this.paused || state === 'failed' || state === 'waiting';
    // The server tells the number once, often before the first frame.
    root.querySelector('.viewers').hidden = state !== 'playing' || !root.querySelector('.count').textContent;
    root.querySelector('.unmute').hidden = !(muted && state === 'playing' && !this.paused);
    this.#controls.wake();
  }

  #showSoundOnly(moving) {
    const tracks = this.#video.srcObject?.getTracks() ?? [];
    const pictureless = tracks.length > 0 && !tracks.some((track) => track.kind === 'video');
    // No layers at all: the broadcaster has gone on with sound only.
    const silent = this.#layers.known && this.#layers.layers.length === 0 && !moving;
    const paused = Boolean(this.#layers.selected?.paused);
    const note = this.shadowRoot.querySelector('.sound-only');
    note.hidden = this.state !== 'playing' || !(pictureless || silent || paused);
    const why = note.querySelector('.why');
    why.hidden = !paused;
    why.textContent = whySoundOnly(this.#layers.selected);
  }

  async #pictureInPicture() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.#video.requestPictureInPicture();
    } catch {
      // No picture yet, or not allowed here: nothing to show in another window.
    }
  }

  async #fullscreen() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else if (this.requestFullscreen) await this.requestFullscreen();
      else this.#video.webkitEnterFullscreen?.(); // iPhone: only the video element can
    } catch {
      // Not allowed in this frame (an iframe without allow="fullscreen").
    }
  }
}

if (!customElements.get('broadcast-player')) customElements.define('broadcast-player', BroadcastPlayer);
