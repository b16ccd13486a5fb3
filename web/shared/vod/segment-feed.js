import { entryPoint, initLength, partAt } from './timeline.js';

/** So much is read ahead; a viewer who goes away has cost no more. */
const aheadSeconds = 20;

/** What lies further back is given up: browsers have some tens of megabytes for all. */
const behindSeconds = 30;

const chunkBytes = 512 * 1024;

/** The beginning of a file has at most so many bytes without media. */
const headBytes = 64 * 1024;

/** How often a growing recording is asked for more, and after how long without any it is taken for over. */
const growthMs = 700;

/**
 * Plays segments, also those that still grow, by Media Source Extensions: reads ahead by ranges, and begins anew where one seeks to.
 * One for each recording; `position` of the video is the recording's.
 */
export class SegmentFeed {
  #video;
  #load;
  #fetch;
  #source = new MediaSource();
  #buffer;
  #timeline;
  #at; // { number, byte }: what is read next
  #number;
  #run = 0;
  #closed = false;
  #onTimeline;
  #onFailed;

  /**
   * @param {HTMLVideoElement} video
   * @param {import('./timeline.js').Timeline} timeline
   * @param {{ load: () => Promise<import('./timeline.js').Timeline>, fetch: (url: string, range: string) => Promise<Response>,
   *   onTimeline: (timeline: import('./timeline.js').Timeline) => void, onFailed: (error: Error) => void }} options
   *   load reads the index again.
   */
  constructor(video, timeline, { load, fetch, onTimeline, onFailed }) {
    this.#video = video;
    this.#timeline = timeline;
    this.#load = load;
    this.#fetch = fetch;
    this.#onTimeline = onTimeline;
    this.#onFailed = onFailed;
    video.src = this.url = URL.createObjectURL(this.#source);
  }

  /** Whether this browser can play a recording this way. */
  static plays(timeline) {
    return 'MediaSource' in globalThis && timeline.segments.every(({ type }) => MediaSource.isTypeSupported(type));
  }

  /** @param {number} position Where to begin. */
  async start(position) {
    await new Promise((resolve) => { this.#source.addEventListener('sourceopen', resolve, { once: true }); });
    this.#source.duration = this.#timeline.isGrowing ? Infinity : this.#timeline.duration;
    this.#buffer = this.#source.addSourceBuffer(this.#timeline.segments[0].type);
    this.seek(position);
  }

  /** @param {number} position */
  seek(position) {
    if (!this.#buffer) return;
    this.#video.currentTime = position;
    if (contains(this.#video.buffered, position) && this.#at) return;
    this.#begin(position);
  }

  close() {
    this.#closed = true;
    this.#run++;
    URL.revokeObjectURL(this.url);
  }

  async #begin(position) {
    const run = ++this.#run;
    const segment = this.#timeline.segments[partAt(this.#timeline.segments, position)];
    if (!segment) return;
    const entry = entryPoint(segment, Math.max(position - segment.start, 0));
    this.#at = { number: segment.number, byte: entry.byte };
    this.#number = undefined;
    try {
      await this.#settled();
      if (run !== this.#run) return;
      if (this.#source.readyState === 'open' && !this.#buffer.updating) this.#buffer.abort();
      while (run === this.#run && !this.#closed) await this.#step(run);
    } catch (error) {
      if (run === this.#run && !this.#closed) this.#onFailed(error);
    }
  }

  /** Reads one piece, or waits until one is wanted or there. */
  async #step(run) {
    const { currentTime, buffered } = this.#video;
    if (endAfter(buffered, currentTime) - currentTime > aheadSeconds) return pause(250);
    const segment = this.#timeline.segments.find(({ number }) => number === this.#at.number);
    if (!segment) {
      await pause(growthMs);
      return this.#refresh();
    }
    const end = lastByte(segment);
    if (this.#at.byte < end) {
      if (this.#number !== segment.number) await this.#enter(segment, run);
      const to = Math.min(this.#at.byte + chunkBytes, end);
      const data = await this.#read(segment.url, this.#at.byte, to);
      if (run !== this.#run) return;
      await this.#append(data);
      this.#at.byte += data.byteLength;
      return;
    }
    const next = this.#timeline.segments.find(({ number }) => number > segment.number);
    if (segment.complete && next) {
      this.#at = { number: next.number, byte: 0 };
    } else if (segment.complete && !this.#timeline.isGrowing) {
      await this.#settled();
      if (this.#source.readyState === 'open') this.#source.endOfStream();
      return pause(1000);
    } else {
      await pause(growthMs);
      await this.#refresh();
    }
  }

  /** A segment begins with its formats, wherever one goes on in it. */
  async #enter(segment, run) {
    await this.#settled();
    if (run !== this.#run) return;
    this.#buffer.changeType?.(segment.type);
    this.#buffer.timestampOffset = segment.start;
    this.#number = segment.number;
    if (this.#at.byte === 0) return;
    const head = new Uint8Array(await this.#read(segment.url, 0, Math.min(headBytes, lastByte(segment))));
    const length = initLength(head);
    if (length === undefined) throw new Error('The recording cannot be read.');
    if (run === this.#run) await this.#append(head.slice(0, length));
  }

  async #read(url, from, to) {
    const response = await this.#fetch(url, `bytes=${from}-${to - 1}`);
    return response.arrayBuffer();
  }

  async #append(data) {
    for (;;) {
      await this.#settled();
      try {
        this.#buffer.appendBuffer(data);
        break;
      } catch (error) {
        if (error.name !== 'QuotaExceededError') throw error;
        this.#forget(5);
        await pause(250);
      }
    }
    await this.#settled();
    this.#forget(behindSeconds);
    await this.#settled();
  }

  #forget(seconds) {
    const until = this.#video.currentTime - seconds;
    const { buffered } = this.#buffer;
    if (!this.#buffer.updating && buffered.length > 0 && buffered.start(0) < until - 1) this.#buffer.remove(0, until);
  }

  async #refresh() {
    this.#timeline = await this.#load();
    if (!this.#timeline.isGrowing && this.#source.readyState === 'open' && this.#source.duration === Infinity) {
      await this.#settled();
      if (this.#source.readyState === 'open') this.#source.duration = Math.max(this.#timeline.duration, endAfter(this.#video.buffered, this.#video.currentTime));
    }
    this.#onTimeline(this.#timeline);
  }

  #settled() {
    if (!this.#buffer.updating) return Promise.resolve();
    return new Promise((resolve) => { this.#buffer.addEventListener('updateend', resolve, { once: true }); });
  }
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Up to where a segment can be read. */
function lastByte({ complete, bytes, boundaries }) {
  return complete ? bytes : boundaries.at(-1)?.[1] ?? 0;
}

function contains(ranges, position) {
  return endAfter(ranges, position) > position + 0.05;
}

/** The end of the buffered stretch that a position lies in; the position itself when it lies in none. */
export function endAfter(ranges, position) {
  for (let i = 0; i < ranges.length; i++) {
    if (ranges.start(i) <= position + 0.25 && ranges.end(i) > position) return ranges.end(i);
  }
  return position;
}
