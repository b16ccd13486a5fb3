import { withDependencyDescriptor } from './layers/dependency-descriptor.js';
import { readLayers } from './layers/layers-event.js';
import { LayerWish } from './layers/layer-wish.js';
import { Backoff } from './link/backoff.js';
import { createBufferPolicy, readDamage, setBufferTarget } from './link/buffer-policy.js';
import { Liveness } from './link/liveness.js';
import { MediaWatch, mediaPackets } from './link/media-watch.js';
import { PeerLink } from './link/peer-link.js';
import { Places, keepFresh } from './link/places.js';
import { RestartOnDisconnect } from './link/restart-on-disconnect.js';
import { ServerEvents } from './link/server-events.js';
import { SourcePresence } from './link/source-presence.js';
import { withOpusStereo } from './sdp/stereo.js';

/** @typedef {'idle' | 'connecting' | 'waiting' | 'playing' | 'reconnecting' | 'failed'} WhepState */

/** A new session that shows nothing within this time is not better than the one it was to replace. */
const firstMediaLimitMs = 6000;

/** The old session ends this long after the new one has media, even if nobody said that its picture is shown. */
const settleLimitMs = 3000;

/** How often the buffer is thought about. */
const bufferIntervalMs = 1000;

/** The layer extension could tell the same only when the first pictures are on their way. */
function withParameters(endpoint, parameters) {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** One session with everything that watches it. */
class Playback {
  stream = new MediaStream();

  /** Its successor is being sought; until its media come back, nothing more can be lost with it. */
  lost = false;

  /** Media that still arrives is the last of it. */
  over = false;

  source = new SourcePresence();

  constructor(link) {
    this.link = link;
  }

  close() {
    clearTimeout(this.deadline);
    clearInterval(this.freshness);
    this.watch?.stop();
    this.liveness?.stop();
    this.aid?.stop();
    this.events?.stop();
    this.layerResource?.stop();
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
 * When the server says that the session is over, or says nothing, or media stops for longer, a new session is made beside
 * the old one, which stays until the new one has media; if the old one recovers first, the new one is dropped. The first
 * attempt after a loss is made at once. `waiting` is: nobody publishes; it starts by itself.
 *
 * Events: `state` { state, error? }, `stream` { stream }: attach it and call settle(stream) when it shows,
 * `viewers` { count }, `layers` (see readLayers): what is published, and what this session gets of it.
 */
export class WhepClient extends EventTarget {
  #places;
  #token;
  #wish;
  #current;
  #next;
  #previous;
  #timer;
  #settling;
  #lossBackoff = new Backoff({ firstMs: 250, maximumMs: 8000 });
  #waitBackoff = new Backoff({ firstMs: 1000, maximumMs: 4000, factor: 1.5 });
  #iceServers = [];
  #bufferPolicy = createBufferPolicy();
  #bufferTargetMs = 0;
  #bufferedMs = 0;
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
    this.#places = new Places(new URL(endpoint, document.baseURI).href);
    this.#token = token;
    this.#wish = new LayerWish(token);
  }

  /** The connection whose media is shown, for statistics; null when there is none. */
  get connection() {
    return this.#current?.link.connection ?? null;
  }

  /** What the server says of the session whose media is shown (see SessionResource.describe); undefined when there is none. */
  async describe() {
    return this.#current?.link.resource?.describe();
  }

  /** @returns {import('./layers/qualities.js').Quality} What the viewer wants, in whatever session. */
  get quality() {
    return this.#wish.quality;
  }

  set quality(quality) {
    this.#wish.quality = quality;
  }

  /** Pixels in which the picture is shown: no more than fills them is sent. undefined: no limit. */
  set shownSize(size) {
    this.#wish.size = size;
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
    const opening = this.#wish.opening;
    const link = new PeerLink({
      endpoint: withParameters(this.#places.current, opening),
      token: this.#token,
      timeoutMs: this.#places.patienceMs,
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
    playback.layerResource = this.#wish.attach(link.resource, opening);
    this.#iceServers = link.resource.iceServers;
    this.#places.learn(link.resource);
    playback.freshness = keepFresh(link.resource, this.#places);
    playback.aid = new RestartOnDisconnect(link, () => this.#onLost(playback));
    const liveness = playback.liveness = new Liveness({
      ask: () => link.resource.check(),
      onLost: (gone) => {
        playback.over ||= gone;
        if (!gone) this.#places.leaveNode();
        this.#onLost(playback);
      },
    });
    playback.watch = new MediaWatch(link.connection, {
      count: mediaPackets,
      onMedia: () => this.#onMedia(playback),
      onStall: () => !playback.source.absent && this.#onLost(playback),
      onTick: (verdict, nowMs, stats) => {
        if (verdict === 'media' && (playback.lost || playback.source.absent)) this.#onMedia(playback);
        // A publisher that is known to have left makes no session suspect.
        liveness.tick(playback.source.absent && verdict !== 'media' ? 'quiet' : verdict, nowMs);
        if (playback === this.#current) this.#adaptBuffer(stats, nowMs);
      },
    });
    playback.events = new ServerEvents(
      (name, data) => this.#onServerEvent(playback, name, data),
      () => liveness.alarm(performance.now()));
    playback.events.start(link.resource, this.#token);
    playback.deadline = setTimeout(() => this.#onNoMedia(playback), firstMediaLimitMs);
    this.#dispatch('stream', { stream: playback.stream });
  }

  #prepare(connection, playback) {
    for (const kind of ['audio', 'video']) withDependencyDescriptor(connection.addTransceiver(kind, { direction: 'recvonly' }));
    connection.ontrack = ({ track, receiver }) => {
      setBufferTarget(receiver, this.#bufferTargetMs); // a successor comes by the same network
      playback.stream.addTrack(track);
    };
  }

  #adaptBuffer(stats, nowMs) {
    if (nowMs - this.#bufferedMs < bufferIntervalMs) return;
    this.#bufferedMs = nowMs;
    const targetMs = this.#bufferPolicy(readDamage(stats), nowMs);
    if (targetMs === this.#bufferTargetMs) return;
    this.#bufferTargetMs = targetMs;
    for (const playback of [this.#current, this.#next]) {
      for (const receiver of playback?.link.connection.getReceivers() ?? []) setBufferTarget(receiver, targetMs);
    }
  }

  #onMedia(playback) {
    const present = playback.source.onMedia(performance.now());
    if (playback === this.#next) this.#promote(playback);
    else if (playback === this.#current && !playback.over && present) this.#onRecovered();
  }

  #promote(playback) {
    clearTimeout(playback.deadline);
    this.#previous?.close();
    this.#previous = this.#current;
    this.#current = playback;
    this.#next = undefined;
    this.#settling = setTimeout(() => this.settle(playback.stream), settleLimitMs);
    if (playback.layers) this.#dispatch('layers', playback.layers);
    if (playback.source.absent) this.#set('waiting'); // it shows the last that was sent
    else this.#onPlaying();
  }

  /** The old session has media again: it is kept, and whatever was to replace it is not needed. */
  #onRecovered() {
    this.#current.lost = false;
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

  #onLost(playback) {
    if (playback === this.#next) this.#dropNext();
    else if (playback === this.#current && !playback.lost) {
      playback.lost = true;
      if (this.state === 'playing') this.#set('reconnecting');
      this.#attemptIn(this.#lossBackoff.nextAfterLoss());
    }
  }

  #onLinkState(playback, state) {
    playback.aid?.onState(state);
    if (state === 'disconnected') playback.liveness?.alarm(performance.now());
    if (state === 'failed' || state === 'closed') {
      playback.over = true;
      this.#onLost(playback);
    }
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
      const another = error.unreachable && this.#places.moveOn();
      this.#attemptIn(another ? 0 : this.#lossBackoff.next(error.retryAfterMs));
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
      playback.source.leave(performance.now());
      if (playback === this.#current) this.#set('waiting');
    }
  }

  #onLayers(playback, data) {
    const layers = playback.layers = this.#wish.layers = readLayers(data);
    // Two sessions may get different layers; what is on the screen counts.
    if (playback === this.#current || !this.#current) this.#dispatch('layers', layers);
    // A picture has come to a broadcast that was joined as sound only: WHEP cannot renegotiate, a new session can.
    const picture = layers.layers.length > 0;
    if (picture && playback === this.#current && playback.stream.getVideoTracks().length === 0) this.#attempt();
  }

  #onActive(playback) {
    playback.source.return();
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
