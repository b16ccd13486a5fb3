/**
 * A round number at or above the largest value, so that a plot's scale does not twitch with every sample.
 * @param {number[]} values NaN for gaps.
 * @param {number} minimum Never a smaller scale than this.
 * @returns {number} 1, 2 or 5 times a power of ten, or the minimum.
 */
export function niceCeiling(values, minimum = 1) {
  const largest = values.reduce((max, value) => (value > max ? value : max), 0);
  if (largest <= minimum) return minimum;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= largest * (1 - 1e-9));
  return step * power;
}

/**
 * Places samples in a plot that is filled from the right.
 * @param {number[]} values Oldest first; NaN for gaps.
 * @param {{ width: number, height: number, capacity: number, ceiling: number }} area
 *   capacity: how many samples the whole width holds.
 * @returns {{ x: number, y: number }[][]} Unbroken runs; y grows downwards, values are clamped to the area.
 */
export function plotRuns(values, { width, height, capacity, ceiling }) {
  const step = capacity > 1 ? width / (capacity - 1) : 0;
  const shown = values.slice(-capacity);
  const runs = [];
  let run = null;
  shown.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      run = null;
      return;
    }
    if (!run) runs.push((run = []));
    const share = Math.min(Math.max(value / ceiling, 0), 1);
    run.push({ x: width - (shown.length - 1 - index) * step, y: height - share * height });
  });
  return runs;
}
