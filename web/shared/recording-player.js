import { request } from './http/request.js';
import { Controls } from './player/controls.js';
import { style as playerStyle } from './player/style.js';
import { formatDuration } from './ui/format.js';
import { FileList } from './vod/file-list.js';
import { markup, style } from './vod/markup.js';
import { SeekBar } from './vod/seek-bar.js';
import { SegmentFeed, endAfter } from './vod/segment-feed.js';
import { Timeline } from './vod/timeline.js';

/** At the end of a growing recording one stays so far behind it: what is newer has just been written. */
const liveEdgeSeconds = 2;

/** Nearer than this to the end one is live, as far as a recording can be. */
const liveSeconds = 6;

const speeds = [1, 1.25, 1.5, 2, 0.5, 0.75];

/** While it is being recorded the index is read this often, when nothing else reads it. */
const indexMs = 5000;

/**
 * `<recording-player src="https://host/vod/<id>/index.json">`: plays a recording, also while it grows.
 *
 * Attributes: `src`, `token` (only for private streams), `autoplay`, `start` (seconds), `back` (seconds before the end, instead), `label`. Properties: `position`, `duration`,
 * `paused`, `timeline`. Methods: `play()`, `pause()`, `seek(seconds)`, `refresh()`. Events: `timeline` { timeline } when it was read or has grown,
 * `position` { position, duration }, `playing`, `error` { error }, `live`: one who is at the end wishes to be live; where there is
 * something better than a recording for that, call `preventDefault()`. Keys: space, m, f, p, arrows (5 s), j and l (10 s), Home, End.
 */
export class RecordingPlayer extends HTMLElement {
  static observedAttributes = ['src', 'token'];

  #video;
  #controls;
  #bar;
  #timeline;
  #playback;
  #polling;
  #loading = 0;
  #connected = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = markup;
    root.adoptedStyleSheets = [playerStyle, style].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    this.#video = root.querySelector('video');
    this.#bar = new SeekBar(root, { seek: (position) => this.seek(position), address: (url) => this.#address(url) });
    this.#controls = new Controls(root, {
      toggle: () => (this.paused ? this.play() : this.pause()),
      mute: () => { this.#video.muted = !this.#video.muted; },
      volume: (value) => { Object.assign(this.#video, { volume: value, muted: value === 0 }); },
      pip: () => this.#video.requestPictureInPicture().catch(() => {}),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen()).catch?.(() => {}),
      start: () => this.play(),
      retry: () => this.#open(),
    });
    this.addEventListener('keydown', (event) => this.#onKey(event));
    root.querySelector('.live').addEventListener('click', () => this.#goLive());
    root.querySelector('.speed').addEventListener('click', () => this.#nextSpeed());
    for (const type of ['play', 'pause', 'volumechange', 'loadedmetadata', 'ended']) this.#video.addEventListener(type, () => this.#update());
    for (const type of ['timeupdate', 'progress', 'seeked']) this.#video.addEventListener(type, () => this.#onTime());
    this.#video.addEventListener('playing', () => this.#onPlaying());
    this.#video.addEventListener('waiting', () => this.#stepOverGap());
    this.#video.addEventListener('error', () => this.#video.error && this.#fail(new Error('This browser cannot play the recording.')));
    document.addEventListener('fullscreenchange', () => this.#update());
  }

  connectedCallback() {
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', this.getAttribute('label') ?? 'Recording');
    this.#connected = true;
    this.#open();
  }

  disconnectedCallback() {
    this.#connected = false;
    this.#close();
  }

  attributeChangedCallback(name, before, now) {
    if (this.#connected && before !== now) this.#open();
  }

  /** Reads again what there is; what plays goes on. */
  async refresh() {
    this.#setTimeline(await this.#load());
  }

  /** @returns {import('./vod/timeline.js').Timeline | undefined} What there is to play. */
  get timeline() {
    return this.#timeline;
  }

  /** Seconds on the recording's own timeline. */
  get position() {
    return this.#playback?.position ?? this.#video.currentTime;
  }

  /** Seconds, up to what can be played now. */
  get duration() {
    return this.#timeline?.duration ?? 0;
  }

  get paused() {
    return this.#video.paused;
  }

  play() {
    if (this.#playback?.isOver) this.seek(0);
    return this.#video.play().catch((error) => {
      // Not without a click, or not with sound: then the big button stays.
      if (error.name === 'NotAllowedError') this.#update();
    });
  }

  pause() {
    this.#video.pause();
  }

  /** @param {number} position */
  seek(position) {
    const end = this.#timeline?.isGrowing ? Math.max(this.duration - liveEdgeSeconds, 0) : this.duration;
    this.#playback?.seek(Math.min(Math.max(position, 0), end));
    this.#onTime();
  }

  async #open() {
    this.#close();
    const loading = ++this.#loading;
    if (!this.getAttribute('src')) return;
    this.#say('Opening…', '');
    try {
      const timeline = await this.#load();
      if (loading !== this.#loading) return;
      this.#setTimeline(timeline);
      if (timeline.isSegmented) await this.#playSegments(timeline);
      else if (timeline.files.length > 0) this.#playFiles(timeline);
      else return this.#sayNothingYet(timeline);
      this.shadowRoot.querySelector('.frame').classList.remove('blank');
      this.#say('', '');
      if (this.hasAttribute('autoplay')) this.play();
      this.#update();
    } catch (error) {
      if (loading === this.#loading) this.#fail(error);
    }
  }

  #playFiles(timeline, position = this.#startPosition(timeline)) {
    const plays = (type) => this.#video.canPlayType(type) !== '';
    this.#playback = new FileList(this.#video, timeline.playlist(plays), (url) => this.#address(url));
    this.#playback.seek(position);
  }

  async #playSegments(timeline) {
    if (!SegmentFeed.plays(timeline)) throw new Error('This browser can play the recording when it has ended, and not before.');
    const feed = new SegmentFeed(this.#video, timeline, {
      load: () => this.#loadMore(),
      fetch: (url, range) => request(url, { token: this.#token, headers: { Range: range } }),
      onTimeline: (grown) => this.#setTimeline(grown),
      onFailed: (error) => this.#fail(error),
    });
    this.#playback = feed;
    this.#polling = setInterval(() => this.#loadMore().then((grown) => this.#setTimeline(grown)).catch(() => {}), indexMs);
    await feed.start(this.#startPosition(timeline));
  }

  /** The recording has been finished while it was played. */
  #goOnWithFiles(timeline) {
    const { position, paused } = this;
    this.#close();
    this.#playFiles(timeline, position);
    this.shadowRoot.querySelector('.frame').classList.remove('blank');
    if (!paused) this.play();
  }

  #startPosition({ duration }) {
    const back = Number(this.getAttribute('back'));
    const wanted = back > 0 ? duration - back : Number(this.getAttribute('start')) || 0;
    return Math.min(Math.max(wanted, 0), Math.max(duration - 1, 0));
  }

  #close() {
    clearInterval(this.#polling);
    this.#playback?.close();
    this.#playback = undefined;
    this.#video.removeAttribute('src');
    this.shadowRoot.querySelector('.frame').classList.add('blank');
  }

  async #load() {
    const response = await request(this.getAttribute('src'), { token: this.#token });
    return new Timeline(await response.json());
  }

  /** The index of hours is long, and this is asked for every second. */
  async #loadMore() {
    const known = this.#timeline;
    if (!known?.place) return this.#load();
    const address = new URL(this.getAttribute('src'), location.href);
    address.searchParams.set('since', known.place);
    const response = await request(address.href, { token: this.#token });
    return known.grown(await response.json());
  }

  #setTimeline(timeline) {
    this.#timeline = timeline;
    if (this.#playback instanceof SegmentFeed && !timeline.isSegmented && timeline.files.length > 0) this.#goOnWithFiles(timeline);
    this.#bar.setTimeline(timeline, this.duration);
    this.shadowRoot.querySelector('.live').hidden = !timeline.isGrowing;
    this.#dispatch('timeline', { timeline });
    this.#onTime();
  }

  #sayNothingYet(timeline) {
    if (timeline.index.state === 'failed') return this.#fail(new Error(timeline.index.error ?? 'Nothing of it could be kept.'));
    this.#say(timeline.isGrowing ? 'The recording begins…' : 'The recording is being finished…', 'It plays in a moment.');
    this.#polling = setTimeout(() => this.#open(), 2000);
  }

  #onTime() {
    const { position } = this;
    const file = position - this.#video.currentTime; // where the file begins, when it is one of several
    this.#bar.update({ position, buffered: file + endAfter(this.#video.buffered, this.#video.currentTime) });
    const root = this.shadowRoot;
    root.querySelector('.now').textContent = formatDuration(position * 1000);
    root.querySelector('.total').textContent = formatDuration(this.duration * 1000);
    root.querySelector('.live').setAttribute('aria-pressed', String(this.#timeline?.isGrowing === true && this.duration - position < liveSeconds));
    this.#dispatch('position', { position, duration: this.duration });
  }

  #onPlaying() {
    this.shadowRoot.querySelector('.sound-only').hidden = this.#video.videoWidth > 0;
    this.#dispatch('playing', {});
    this.#update();
  }

  /** Nothing is there for a while, and that is known: on with what comes after. */
  #stepOverGap() {
    const rest = this.#timeline?.gapAfter(this.position) ?? 0;
    if (rest > 0) this.seek(this.position + rest + 0.05);
  }

  #goLive() {
    if (this.dispatchEvent(new CustomEvent('live', { cancelable: true }))) {
      this.seek(this.duration);
      this.play();
    }
  }

  #nextSpeed() {
    const speed = speeds[(speeds.indexOf(this.#video.playbackRate) + 1) % speeds.length];
    this.#video.defaultPlaybackRate = this.#video.playbackRate = speed; // the default survives the change of files
    const button = this.shadowRoot.querySelector('.speed');
    button.textContent = `${speed}×`;
    button.setAttribute('aria-label', `Speed: ${speed === 1 ? 'normal' : `${speed}×`}`);
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const onSlider = this.shadowRoot.activeElement?.matches('input');
    const steps = { j: -10, l: 10, ...(!onSlider && { arrowleft: -5, arrowright: 5 }) };
    const key = event.key.toLowerCase();
    if (key in steps) this.seek(this.position + steps[key]);
    else if (!onSlider && key === 'home') this.seek(0);
    else if (!onSlider && key === 'end') this.seek(this.duration);
    else return;
    event.preventDefault();
    this.#controls.wake();
  }

  #update() {
    const { paused, muted, volume } = this.#video;
    this.#controls.update({ paused, muted, volume, fullscreen: document.fullscreenElement === this });
    const frame = this.shadowRoot.querySelector('.frame');
    frame.classList.toggle('playing', !paused);
    const untouched = paused && !frame.classList.contains('blank') && this.#video.played.length === 0;
    this.shadowRoot.querySelector('.start').hidden = !untouched;
    this.#controls.wake();
  }

  #say(headline, detail, failed = false) {
    const notice = this.shadowRoot.querySelector('.notice');
    notice.hidden = headline === '';
    notice.classList.toggle('failed', failed);
    notice.querySelector('.headline').textContent = headline;
    notice.querySelector('.detail').textContent = detail;
    notice.querySelector('.retry').hidden = !failed;
    this.shadowRoot.querySelector('.status').textContent = [headline, detail].filter(Boolean).join(' ');
  }

  #fail(error) {
    this.#close();
    this.#say('The recording cannot be played.', error.message, true);
    this.#dispatch('error', { error });
  }

  get #token() {
    return this.getAttribute('token') ?? undefined;
  }

  /** Of a file, for those who cannot set headers: video, pictures. */
  #address(url) {
    const address = new URL(url, new URL(this.getAttribute('src'), document.baseURI));
    if (this.#token) address.searchParams.set('token', this.#token);
    return address.href;
  }

  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define('recording-player', RecordingPlayer);
