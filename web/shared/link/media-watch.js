const tickMs = 250;

/** A source has stopped after this long without a packet … */
const defaultLimitMs = 1000;

/** … or later, if it has been this much slower than that lately: a still screen, muted sound with DTX … */
const patience = 2.5;
const memoryMs = 10_000;

/** … but not later than this. */
const longestLimitMs = 4000;

/**
 * Decides when media has stopped. Pure: fed with counters and times, so that it can be tested.
 * @param {number} limitMs For a source that sends all the time.
 * @returns {(packets: number, nowMs: number) => 'media' | 'quiet' | 'stalled'}
 */
export function createStallDetector(limitMs = defaultLimitMs) {
  let previous = 0;
  let lastPacketMs;
  let lastTickMs;
  let gaps = [];
  return (packets, nowMs) => {
    // A tick that came late says that this page slept, not that the media stopped.
    const slept = lastTickMs !== undefined && nowMs - lastTickMs > 4 * tickMs;
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
    const usualMs = Math.max(0, ...gaps.map(({ ms }) => ms));
    const limit = Math.min(Math.max(usualMs * patience, limitMs), Math.max(longestLimitMs, limitMs));
    return nowMs - lastPacketMs >= limit ? 'stalled' : 'quiet';
  };
}

/** Watches a connection's incoming packets and says when they begin, stop and come back. */
export class MediaWatch {
  #timer;

  /** Whether media arrives at present. */
  flowing = false;

  /**
   * @param {RTCPeerConnection} connection
   * @param {{ count: (stats: RTCStatsReport) => number, limitMs?: number,
   *   onMedia: () => void, onStall: () => void }} options The listeners are called on changes only.
   */
  constructor(connection, { count, limitMs, onMedia, onStall }) {
    const judge = createStallDetector(limitMs);
    this.#timer = setInterval(async () => {
      const verdict = judge(count(await connection.getStats()), performance.now());
      if (this.#timer === undefined) return;
      if (verdict === 'media' && !this.flowing) {
        this.flowing = true;
        onMedia();
      } else if (verdict === 'stalled' && this.flowing) {
        this.flowing = false;
        onStall();
      }
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
