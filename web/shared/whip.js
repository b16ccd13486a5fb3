import { Backoff } from './link/backoff.js';
import { Liveness } from './link/liveness.js';
import { MediaWatch, transportPackets } from './link/media-watch.js';
import { PeerLink } from './link/peer-link.js';
import { Places, keepFresh } from './link/places.js';
import { RestartOnDisconnect } from './link/restart-on-disconnect.js';
import { applyEncoding } from './link/encoding.js';
import { addVideo, explainOutcome } from './layers/video-sender.js';
import { withStartBitrate } from './sdp/start-bitrate.js';

/** Silence of a server that reported steadily; a full upload queue can delay its reports by a second. */
const silenceLimitMs = 2000;

/** Near what is wanted, but no more than a slow upload bears for the second it takes to notice that it is slow. */
const startBitrate = (maxBitrate = 2_500_000, most = 2_000_000) => Math.min(maxBitrate * 0.8, most);

/** Of several qualities the best is sent only when there is room for all; with less it would be missing at first. */
const severalStartBitrate = 3_000_000;

/**
 * How long a new session keeps its full picture whatever happens. The first key frame is always coarse, and Chromium
 * takes that for a slow network: it shrinks the picture and needs ten seconds and more to grow it again.
 */
const fullPictureMs = 4000;

/** @typedef {'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed'} WhipState */

/**
 * Publishes by WHIP (RFC 9725) and keeps publishing: whatever breaks, it comes back until stop().
 *
 *   idle → connecting → live ⇄ reconnecting;  connecting, reconnecting → failed (the server says no)
 *
 * Events: `state` { state, error? } after every change, and again in the same state when another attempt failed;
 * `layers` { plan, note } with each session: in which qualities the picture is sent, and why not as wished.
 */
export class WhipClient extends EventTarget {
  #places;
  #token;
  #stream;
  #options;
  #video;
  #link;
  #backoff = new Backoff({ maximumMs: 3000 });
  #timer;
  #aid;
  #reports;
  #liveness;
  #opening;
  #freshness;
  #iceServers = [];
  #leaving = () => this.stop();

  /** @type {WhipState} */
  state = 'idle';

  /**
   * @param {string} endpoint
   * @param {{ token?: string }} options
   */
  constructor(endpoint, { token } = {}) {
    super();
    this.#places = new Places(new URL(endpoint, document.baseURI).href);
    this.#token = token;
  }

  /** The peer connection in use, for statistics; null when there is none. */
  get connection() {
    return this.#link?.connection ?? null;
  }

  /**
   * Goes live with the tracks of a stream: audio, video, or both.
   * @param {MediaStream} stream
   * @param {import('./link/encoding.js').Encoding} options
   */
  start(stream, options = {}) {
    this.stop();
    this.#stream = stream;
    this.#options = options;
    addEventListener('pagehide', this.#leaving);
    this.#set('connecting');
    this.#open();
  }

  /** Ends the publication on the server too. */
  stop() {
    removeEventListener('pagehide', this.#leaving);
    clearTimeout(this.#timer);
    clearTimeout(this.#opening);
    this.#opening = undefined;
    this.#stopWatching();
    this.#link?.close();
    this.#link = undefined;
    this.#backoff.reset();
    if (this.state !== 'idle') this.#set('idle');
  }

  /**
   * Sends the tracks of this stream from now on. Other tracks of the same kinds take the place of the old ones
   * without a gap; a kind more or less needs a new session, which is opened.
   * @param {MediaStream} stream
   */
  async setStream(stream) {
    this.#stream = stream;
    const senders = this.connection?.getSenders() ?? [];
    const tracks = stream.getTracks();
    const fits = tracks.length === senders.length && tracks.every((t) => senders.some((s) => s.track?.kind === t.kind));
    if (!fits) return this.#reconnect();
    await Promise.all(senders.map((s) => s.replaceTrack(tracks.find((t) => t.kind === s.track.kind))));
    await this.configure(this.#options);
  }

  /**
   * Applies new limits to what is being sent. A codec takes effect with the next session only.
   * @param {import('./link/encoding.js').Encoding} options
   */
  async configure(options) {
    this.#options = options;
    const applied = this.#opening ? { ...options, degradationPreference: 'maintain-resolution' } : options;
    await Promise.all((this.connection?.getSenders() ?? []).map((sender) => applyEncoding(sender, applied)));
  }

  async #open() {
    const link = new PeerLink({
      endpoint: this.#places.current,
      token: this.#token,
      timeoutMs: this.#places.patienceMs,
      iceServers: this.#iceServers,
      prepare: (connection) => {
        this.#addTracks(connection);
        return this.#configureOpening();
      },
      editAnswer: (sdp) => withStartBitrate(sdp, this.#startBitrate()),
      onState: (state) => link === this.#link && this.#onState(link, state),
    });
    const previous = this.#link;
    this.#link = link;
    try {
      // Somebody who went live later keeps the stream; taking it back is for a person to decide.
      await previous?.resource?.assertNotTakenOver();
      if (link !== this.#link) return;
      await link.open();
      if (link !== this.#link) return;
      this.#iceServers = link.resource.iceServers;
      this.#places.learn(link.resource);
      this.#freshness = keepFresh(link.resource, this.#places);
      // The server has put this session in the place of the old one; only our end of that is left.
      previous?.close();
      this.#sayLayers();
      this.#watch(link);
    } catch (error) {
      previous?.close();
      link.close();
      if (link === this.#link) this.#onRefused(error);
    }
  }

  #configureOpening() {
    clearTimeout(this.#opening);
    this.#opening = setTimeout(() => {
      this.#opening = undefined;
      this.configure(this.#options);
    }, fullPictureMs);
    return this.configure(this.#options);
  }

  #watch(link) {
    this.#aid = new RestartOnDisconnect(link, () => link === this.#link && this.#reconnect());
    // Browsers take five seconds and more to call a dead path disconnected; the server's reports stop at once.
    const liveness = this.#liveness = new Liveness({
      // Slowness is no sign here: the picture itself may fill the upload, and a new session would not make that better.
      ask: async () => {
        const answer = await link.resource.check();
        return answer === 'silent' ? 'alive' : answer;
      },
      onLost: (gone) => {
        if (link !== this.#link) return;
        if (!gone) this.#places.leaveNode();
        this.#reconnect(undefined, { lost: true });
      },
    });
    this.#reports = new MediaWatch(link.connection, {
      count: transportPackets,
      limitMs: silenceLimitMs,
      onMedia: () => this.#onState(link, link.connection.connectionState),
      onStall: () => this.#onState(link, 'disconnected'),
      onTick: (verdict, nowMs) => liveness.tick(verdict, nowMs),
    });
  }

  #stopWatching() {
    clearInterval(this.#freshness);
    this.#aid?.stop();
    this.#reports?.stop();
    this.#liveness?.stop();
  }

  #addTracks(connection) {
    this.#video = undefined;
    for (const track of this.#stream.getTracks()) {
      if (track.kind === 'video') this.#video = addVideo(connection, track, this.#stream, this.#options);
      else connection.addTransceiver(track, { direction: 'sendonly', streams: [this.#stream] });
    }
  }

  #startBitrate() {
    const plan = this.#video?.plan;
    return startBitrate(plan?.maxBitrate, plan?.kind === 'single' ? undefined : severalStartBitrate);
  }

  #sayLayers() {
    if (!this.#video) return;
    const { sender, wished, plan } = this.#video;
    const note = explainOutcome(wished, plan, sender.getParameters().encodings ?? []);
    this.dispatchEvent(new CustomEvent('layers', { detail: { plan, note } }));
  }

  #onState(link, state) {
    this.#aid?.onState(state);
    if (state === 'connected') {
      this.#backoff.reset();
      this.#set('live');
    } else if (state === 'failed' || state === 'closed') {
      this.#reconnect();
    } else if (state === 'disconnected') {
      this.#set('reconnecting');
    }
  }

  #onRefused(error) {
    if (error.passing === false || error.name !== 'SignallingError') {
      this.stop();
      this.#set('failed', error);
    } else {
      this.#set(this.state === 'connecting' ? 'connecting' : 'reconnecting', error);
      const another = error.unreachable && this.#places.moveOn();
      this.#reconnect(error.retryAfterMs, { lost: another });
    }
  }

  #reconnect(floorMs, { lost = false } = {}) {
    if (this.state === 'idle' || this.state === 'failed') return;
    if (this.state === 'live') this.#set('reconnecting');
    this.#stopWatching();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), lost ? this.#backoff.nextAfterLoss() : this.#backoff.next(floorMs));
  }

  #set(state, error) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state, error } }));
  }
}
