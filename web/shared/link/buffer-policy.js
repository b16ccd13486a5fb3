import { selectedPair } from '../stats/reports.js';

/** Damage counts when so many packets of the last seconds had to be replaced, or a freeze came with it: one stray loss is no network. */
const recentMs = 5000;
const enoughPackets = 2;

/** A raised buffer can be judged by its freezes once the browser has filled it, which it does at a tenth of real time. */
const settleMs = 8000;

/** After this long without damage the buffer shrinks, slowly: the player catches up by playing a little faster. */
const cleanMs = 20_000;
const shrinkPerSecond = 40;

const longestTargetMs = 800;
const usualRoundTripMs = 100;

/**
 * What the network did to a player so far: growing counters of all tracks together.
 * @typedef {{ lost: number, asked: number, repaired: number, freezes: number, roundTripMs?: number }} Damage
 */

/**
 * @param {RTCStatsReport} stats
 * @returns {Damage}
 */
export function readDamage(stats) {
  const damage = { lost: 0, asked: 0, repaired: 0, freezes: 0, roundTripMs: selectedPair(stats).roundTripMs };
  for (const report of stats.values()) {
    if (report.type !== 'inbound-rtp') continue;
    damage.lost += report.packetsLost ?? 0;
    damage.asked += report.nackCount ?? 0;
    damage.repaired += report.retransmittedPacketsReceived ?? 0;
    damage.freezes += report.freezeCount ?? 0;
  }
  return damage;
}

/**
 * Decides how long packets are held back before they are played. None as long as they all arrive: that is what live means.
 * Where packets have to be sent again, holding the others until then is what keeps the picture moving.
 * Pure: fed with counters and times, so that it can be tested.
 * @returns {(damage: Damage, nowMs: number) => number} The target in milliseconds, for audio and video alike, so that they
 *   stay together. To be called about once a second; counters that shrink (a new session) begin anew.
 */
export function createBufferPolicy() {
  let targetMs = 0;
  let before;
  let beforeMs;
  let recent = [];
  let damagedMs = -Infinity;
  let raisedMs = -Infinity;
  return (damage, nowMs) => {
    const grown = (name) => (before ? Math.max(damage[name] - before[name], 0) : 0);
    const packets = Math.max(grown('lost'), grown('asked'), grown('repaired'));
    const froze = grown('freezes') > 0;
    const elapsedMs = before ? nowMs - beforeMs : 0;
    [before, beforeMs] = [damage, nowMs];

    recent = recent.filter(({ atMs }) => nowMs - atMs < recentMs);
    if (packets > 0) {
      recent.push({ atMs: nowMs, packets });
      damagedMs = nowMs;
      const enough = recent.reduce((sum, each) => sum + each.packets, 0) >= enoughPackets;
      if (enough || froze) raise(damage.roundTripMs ?? usualRoundTripMs, froze, nowMs);
    } else if (nowMs - damagedMs >= cleanMs) {
      targetMs = Math.max(targetMs - (shrinkPerSecond * elapsedMs) / 1000, 0);
    }
    return Math.round(targetMs);
  };

  function raise(roundTripMs, froze, nowMs) {
    // Noticing a hole and asking for the packet takes up to half a round trip more than the round trip until it comes; the
    // request or the answer may be lost too, twice; 50 ms are for the browser, which asks at intervals.
    const wantedMs = Math.min(1.5 * roundTripMs + 2 * roundTripMs + 50, longestTargetMs);
    if (wantedMs > targetMs) {
      targetMs = wantedMs;
      raisedMs = nowMs;
    } else if (froze && nowMs - raisedMs >= settleMs) {
      targetMs = Math.min(targetMs + Math.max(roundTripMs, 50), longestTargetMs);
      raisedMs = nowMs;
    }
  }
}

/**
 * Asks a receiver to hold packets back. A browser holds them for longer if it finds that necessary.
 * @param {RTCRtpReceiver} receiver
 * @param {number} milliseconds
 */
export function setBufferTarget(receiver, milliseconds) {
  // Two names of the same wish; browsers without either decide by themselves.
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = milliseconds;
  else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = milliseconds / 1000;
}

/**
 * @param {RTCRtpReceiver | undefined} receiver
 * @returns {number | undefined} What was asked for; undefined where a browser decides by itself.
 */
export function bufferTargetOf(receiver) {
  const hint = receiver?.playoutDelayHint;
  return receiver?.jitterBufferTarget ?? (Number.isFinite(hint) ? hint * 1000 : undefined);
}
