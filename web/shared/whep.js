import { Backoff } from './link/backoff.js';
import { MediaWatch, mediaPackets } from './link/media-watch.js';
import { PeerLink } from './link/peer-link.js';
import { RestartOnDisconnect } from './link/restart-on-disconnect.js';
import { ServerEvents } from './link/server-events.js';
import { withOpusStereo } from './sdp/stereo.js';

/** @typedef {'idle' | 'connecting' | 'waiting' | 'playing' | 'reconnecting' | 'failed'} WhepState */

/** A new session that shows nothing within this time is not better than the one it was to replace. */
const firstMediaLimitMs = 6000;

/** The old session ends this long after the new one has media, even if nobody said that its picture is shown. */
const settleLimitMs = 3000;

/** One session with everything that watches it. */
class Playback {
  stream = new MediaStream();

  constructor(link) {
    this.link = link;
  }

  close() {
    clearTimeout(this.deadline);
    this.watch?.stop();
    this.aid?.stop();
    this.events?.stop();
    this.link.close();
  }
}

/**
 * Plays a broadcast by WHEP and keeps playing it.
 *
 *   idle → connecting → playing ⇄ reconnecting
 *              ⇅ ↘        ⇅        ↓ (the server says no)
 *            waiting ⇄ playing   failed
 *
 * When media stops for a second a new session is made beside the old one, which stays until the new one has media;
 * if the old one recovers first, the new one is dropped. `waiting` is: nobody publishes; it starts by itself.
 *
 * Events: `state` { state, error? }, `stream` { stream }: attach it and call settle(stream) when it shows,
 * `viewers` { count }, `layers` (as the server sent it).
 */
export class WhepClient extends EventTarget {
  #endpoint;
  #token;
  #current;
  #next;
  #previous;
  #timer;
  #settling;
  #lossBackoff = new Backoff({ firstMs: 250, maximumMs: 8000 });
  #waitBackoff = new Backoff({ firstMs: 1000, maximumMs: 4000, factor: 1.5 });
  #iceServers = [];
  #leaving = () => this.#closeAll();
  #returning = ({ persisted }) => persisted && this.start(); // from the back-forward cache, where no session survives
  #online = () => this.state !== 'playing' && this.#attemptIn(0);

  /** @type {WhepState} */
  state = 'idle';

  /**
   * @param {string} endpoint
   * @param {{ token?: string }} options
   */
  constructor(endpoint, { token } = {}) {
    super();
    this.#endpoint = new URL(endpoint, document.baseURI).href;
    this.#token = token;
  }

  /** The connection whose media is shown, for statistics; null when there is none. */
  get connection() {
    return this.#current?.link.connection ?? null;
  }

  start() {
    this.stop();
    addEventListener('pagehide', this.#leaving);
    addEventListener('pageshow', this.#returning);
    addEventListener('online', this.#online);
    this.#set('connecting');
    this.#attempt();
  }

  stop() {
    removeEventListener('pagehide', this.#leaving);
    removeEventListener('pageshow', this.#returning);
    removeEventListener('online', this.#online);
    this.#closeAll();
    this.#lossBackoff.reset();
    this.#waitBackoff.reset();
    if (this.state !== 'idle') this.#set('idle');
  }

  /**
   * Tells that a stream is on the screen: what it replaced may go.
   * @param {MediaStream} stream
   */
  settle(stream) {
    if (this.#next?.stream === stream) this.#promote(this.#next);
    if (this.#current?.stream !== stream) return;
    clearTimeout(this.#settling);
    this.#previous?.close();
    this.#previous = undefined;
  }

  async #attempt() {
    if (this.#next || this.state === 'idle' || this.state === 'failed') return;
    const link = new PeerLink({
      endpoint: this.#endpoint,
      token: this.#token,
      iceServers: this.#iceServers,
      prepare: (connection) => this.#prepare(connection, playback),
      editOffer: withOpusStereo,
      onState: (state) => this.#onLinkState(playback, state),
    });
    const playback = this.#next = new Playback(link);
    try {
      await link.open();
    } catch (error) {
      if (playback === this.#next) this.#onRefused(error);
      return;
    }
    if (playback !== this.#next) return;
    this.#iceServers = link.resource.iceServers;
    playback.aid = new RestartOnDisconnect(link, () => this.#onLost(playback));
    playback.watch = new MediaWatch(link.connection, {
      count: mediaPackets,
      onMedia: () => this.#onMedia(playback),
      onStall: () => this.#onStall(playback),
    });
    playback.events = new ServerEvents((name, data) => this.#onServerEvent(playback, name, data));
    playback.events.start(link.resource, this.#token);
    playback.deadline = setTimeout(() => this.#onNoMedia(playback), firstMediaLimitMs);
    this.#dispatch('stream', { stream: playback.stream });
  }

  #prepare(connection, playback) {
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
    connection.ontrack = ({ track, receiver }) => {
      // Both names of the same wish: show what arrives, keep nothing back for smoothness.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0;
      playback.stream.addTrack(track);
    };
  }

  #onMedia(playback) {
    if (playback === this.#next) this.#promote(playback);
    else if (playback === this.#current) this.#onRecovered();
  }

  #promote(playback) {
    clearTimeout(playback.deadline);
    this.#previous?.close();
    this.#previous = this.#current;
    this.#current = playback;
    this.#next = undefined;
    this.#settling = setTimeout(() => this.settle(playback.stream), settleLimitMs);
    this.#onPlaying();
  }

  /** The old session has media again: it is kept, and whatever was to replace it is not needed. */
  #onRecovered() {
    if (this.#next) {
      this.#next.close();
      this.#next = undefined;
      this.#dispatch('stream', { stream: this.#current.stream });
    }
    this.#onPlaying();
  }

  #onPlaying() {
    clearTimeout(this.#timer);
    this.#waitBackoff.reset();
    // Short waits again only after a while: a session that dies every second must not be replaced every second.
    this.#timer = setTimeout(() => this.#lossBackoff.reset(), 5000);
    if (this.state !== 'playing') this.#set('playing');
  }

  #onStall(playback) {
    if (playback !== this.#current || playback.inactive) return;
    this.#set('reconnecting');
    this.#attemptIn(this.#lossBackoff.next());
  }

  #onLost(playback) {
    if (playback === this.#next) this.#dropNext();
    else if (playback === this.#current) {
      if (this.state === 'playing') this.#set('reconnecting');
      this.#attemptIn(this.#lossBackoff.next());
    }
  }

  #onLinkState(playback, state) {
    playback.aid?.onState(state);
    if (state === 'failed' || state === 'closed') this.#onLost(playback);
  }

  #onNoMedia(playback) {
    if (playback !== this.#next) return;
    const alive = this.#current?.link.connection.connectionState === 'connected';
    if (alive) return this.#dropNext();
    // Connected to a broadcast that sends nothing: stay, and look again now and then.
    this.#promoteSilently(playback);
    this.#attemptIn(this.#lossBackoff.next(firstMediaLimitMs));
  }

  #promoteSilently(playback) {
    this.#current?.close();
    this.#current = playback;
    this.#next = undefined;
    this.#set('waiting');
  }

  #dropNext(floorMs) {
    this.#next?.close();
    this.#next = undefined;
    this.#attemptIn(this.#lossBackoff.next(floorMs));
  }

  #onRefused(error) {
    this.#next.close();
    this.#next = undefined;
    if (error.status === 409) {
      this.#set('waiting', error);
      this.#attemptIn(this.#waitBackoff.next(Math.min(error.retryAfterMs ?? 0, 10_000)));
    } else if (error.passing) {
      if (this.state !== 'connecting') this.#set('reconnecting', error);
      else this.#set('connecting', error);
      this.#attemptIn(this.#lossBackoff.next(error.retryAfterMs));
    } else {
      this.stop();
      this.#set('failed', error);
    }
  }

  #onServerEvent(playback, name, data) {
    if (name === 'viewercount') this.#dispatch('viewers', { count: Number(data.viewercount ?? data.count ?? data) || 0 });
    else if (name === 'layers') this.#onLayers(playback, data);
    else if (name === 'reconnect') this.#attempt();
    else if (name === 'active') this.#onActive(playback);
    else if (name === 'inactive') {
      // The session stays: if the publisher returns, it goes on by itself.
      playback.inactive = true;
      if (playback === this.#current) this.#set('waiting');
    }
  }

  #onLayers(playback, layers) {
    this.#dispatch('layers', layers);
    // A picture has come to a broadcast that was joined as sound only: WHEP cannot renegotiate, a new session can.
    const picture = Object.values(layers).some((list) => list.length > 0);
    if (picture && playback === this.#current && playback.stream.getVideoTracks().length === 0) this.#attempt();
  }

  #onActive(playback) {
    playback.inactive = false;
    if (playback !== this.#current || this.state !== 'waiting') return;
    if (playback.watch.flowing) this.#onPlaying();
    else this.#attemptIn(2000); // live again, but not for this session
  }

  #attemptIn(delayMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attempt(), Math.max(delayMs, 0));
  }

  #closeAll() {
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
    for (const playback of [this.#current, this.#next, this.#previous]) playback?.close();
    this.#current = this.#next = this.#previous = undefined;
  }

  #set(state, error) {
    this.state = state;
    this.#dispatch('state', { state, error });
  }

  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
