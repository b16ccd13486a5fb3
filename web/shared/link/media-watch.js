const tickMs = 250;

/** A source that sends this often has stopped when a second passes without a packet … */
const steadyPacketsPerSecond = 10;
const defaultSteadyLimitMs = 1000;

/** … one that is nearly silent (a still screen, muted sound with DTX) gets longer. */
const sparseLimitMs = 4000;

/**
 * Decides when media has stopped. Pure: fed with counters and times, so that it can be tested.
 * @param {number} steadyLimitMs
 * @returns {(packets: number, nowMs: number) => 'media' | 'quiet' | 'stalled'}
 */
export function createStallDetector(steadyLimitMs = defaultSteadyLimitMs) {
  let previous = 0;
  let lastPacketMs;
  let lastTickMs;
  let rate = 0;
  return (packets, nowMs) => {
    const elapsed = lastTickMs === undefined ? 0 : nowMs - lastTickMs;
    const fresh = packets - previous;
    previous = packets;
    lastTickMs = nowMs;
    if (fresh > 0) {
      lastPacketMs = nowMs;
      if (elapsed > 0) rate = Math.max((fresh * 1000) / elapsed, rate * 0.8);
      return 'media';
    }
    if (lastPacketMs === undefined) return 'quiet';
    // A tick that came late says that this page slept, not that the media stopped.
    if (elapsed > 4 * tickMs) lastPacketMs = Math.max(lastPacketMs, nowMs - 2 * tickMs);
    const limitMs = rate >= steadyPacketsPerSecond ? steadyLimitMs : sparseLimitMs;
    return nowMs - lastPacketMs >= limitMs ? 'stalled' : 'quiet';
  };
}

/** Watches a connection's incoming packets and says when they begin, stop and come back. */
export class MediaWatch {
  #timer;

  /** Whether media arrives at present. */
  flowing = false;

  /**
   * @param {RTCPeerConnection} connection
   * @param {{ count: (stats: RTCStatsReport) => number, steadyLimitMs?: number,
   *   onMedia: () => void, onStall: () => void }} options The listeners are called on changes only.
   */
  constructor(connection, { count, steadyLimitMs, onMedia, onStall }) {
    const judge = createStallDetector(steadyLimitMs);
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
