const tickMs = 150;

/** A tick that came this late says that the page slept, not that the media stopped. Hidden pages have one tick a second. */
const sleptMs = 1500;

/** Media is suspect after three ticks without a packet … */
const suspectMs = 3 * tickMs - 10;

/** … and has stopped after this long, which bears the pause between moving and still of a shared screen (one frame a second) … */
const defaultLimitMs = 1500;

/** … or both later, if the source has been this much slower than that lately: a still screen, muted sound with DTX … */
const patience = 2.5;
const memoryMs = 10_000;

/** … but not later than this. */
const longestLimitMs = 4000;

/**
 * Decides when media has stopped. Pure: fed with counters and times, so that it can be tested.
 *
 * `suspect` is early, cheap to be wrong about, and a reason to ask the server; `stalled` is late and a reason to act.
 * @param {number} limitMs For a source that sends all the time.
 * @returns {(packets: number, nowMs: number) => 'media' | 'quiet' | 'suspect' | 'stalled'}
 */
export function createStallDetector(limitMs = defaultLimitMs) {
  let previous = 0;
  let lastPacketMs;
  let lastTickMs;
  let gaps = [];
  return (packets, nowMs) => {
    const slept = lastTickMs !== undefined && nowMs - lastTickMs > sleptMs;
    if (slept && lastPacketMs !== undefined) lastPacketMs = Math.max(lastPacketMs, nowMs - 2 * tickMs);
    lastTickMs = nowMs;
    const fresh = packets > previous;
    previous = packets;
    if (fresh) {
      if (lastPacketMs !== undefined) gaps.push({ atMs: nowMs, ms: nowMs - lastPacketMs });
      gaps = gaps.filter(({ atMs }) => nowMs - atMs < memoryMs);
      lastPacketMs = nowMs;
      return 'media';
    }
    if (lastPacketMs === undefined) return 'quiet';
    const silentMs = nowMs - lastPacketMs;
    const longestMs = Math.max(0, ...gaps.map(({ ms }) => ms));
    const limit = Math.min(Math.max(longestMs * patience, limitMs), Math.max(longestLimitMs, limitMs));
    if (silentMs >= limit) return 'stalled';
    return silentMs >= Math.max(usualGapMs(gaps) * patience, suspectMs) ? 'suspect' : 'quiet';
  };
}

/** The gap that a moment taken at random lies in, on average: one hiccup among many short gaps changes it little. */
function usualGapMs(gaps) {
  let [sum, squares] = [0, 0];
  for (const { ms } of gaps) {
    sum += ms;
    squares += ms * ms;
  }
  return sum > 0 ? squares / sum : 0;
}

/** Watches a connection's incoming packets and says when they begin, stop and come back. */
export class MediaWatch {
  #timer;
  #asking = false;

  /** Whether media arrives at present. */
  flowing = false;

  /**
   * @param {RTCPeerConnection} connection
   * @param {{ count: (stats: RTCStatsReport) => number, limitMs?: number, onMedia: () => void, onStall: () => void,
   *   onTick?: (verdict: 'media' | 'quiet' | 'suspect' | 'stalled', nowMs: number, stats: RTCStatsReport) => void,
   * }} options onMedia and onStall are called on changes only.
   */
  constructor(connection, { count, limitMs, onMedia, onStall, onTick = () => {} }) {
    const judge = createStallDetector(limitMs);
    this.#timer = setInterval(async () => {
      if (this.#asking) return; // a busy browser answers late; questions in a row would not make it faster
      this.#asking = true;
      const stats = await connection.getStats();
      this.#asking = false;
      if (this.#timer === undefined) return;
      const nowMs = performance.now();
      const verdict = judge(count(stats), nowMs);
      if (verdict === 'media' && !this.flowing) {
        this.flowing = true;
        onMedia();
      } else if (verdict === 'stalled' && this.flowing) {
        this.flowing = false;
        onStall();
      }
      if (this.#timer !== undefined) onTick(verdict, nowMs, stats);
    }, tickMs);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Media packets that arrived: what a player waits for.
 * @param {RTCStatsReport} stats
 */
export function mediaPackets(stats) {
  return sum(stats, 'inbound-rtp');
}

/**
 * Everything that arrived but connectivity checks: what a publisher hears of the server's reports.
 * @param {RTCStatsReport} stats
 */
export function transportPackets(stats) {
  return sum(stats, 'transport');
}

function sum(stats, type) {
  let packets = 0;
  for (const report of stats.values()) if (report.type === type) packets += report.packetsReceived ?? 0;
  return packets;
}
