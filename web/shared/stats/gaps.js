/**
 * How many samples are missing between two of them: a page in the background is not sampled, and plots have a scale of time.
 * @param {number | undefined} lastMs When the last one was taken; undefined for none.
 * @param {number} nowMs
 * @param {{ intervalMs: number, capacity: number }} plot capacity: more gaps than that show nothing more.
 */
export function missedSamples(lastMs, nowMs, { intervalMs, capacity }) {
  if (lastMs === undefined) return 0;
  return Math.min(Math.max(Math.round((nowMs - lastMs) / intervalMs) - 1, 0), capacity);
}
