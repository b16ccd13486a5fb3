/**
 * A round number at or above the largest value, so that a plot's scale does not twitch with every sample.
 * @param {number[]} values NaN for gaps.
 * @param {number} minimum Never a smaller scale than this.
 * @returns {number} 1, 2 or 5 times a power of ten, or the minimum.
 */
export function niceCeiling(values, minimum = 1) {
  const largest = largestOf(values);
  if (largest <= minimum) return minimum;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= largest * (1 - 1e-9));
  return step * power;
}

/** How many times the first series' scale another may make it: beyond that the first would lie flat on the ground. */
const stretch = 3;

/**
 * One scale for several series. The first is what the plot is about; others are cut off where they would dwarf it.
 * @param {number[][]} series NaN for gaps.
 * @param {number} minimum Never a smaller scale than this.
 */
export function sharedCeiling([first, ...others], minimum = 1) {
  const bound = stretch * Math.max(largestOf(first), minimum);
  return niceCeiling([...first, ...others.map((values) => Math.min(largestOf(values), bound))], minimum);
}

/**
 * Places samples in a plot that is filled from the right.
 * @param {number[]} values Oldest first; NaN for gaps.
 * @param {Area} area
 * @returns {{ x: number, y: number }[][]} Unbroken runs; y grows downwards, values are clamped to the area.
 *
 * @typedef {{ width: number, height: number, capacity: number, ceiling: number }} Area
 *   capacity: how many samples the whole width holds.
 */
export function plotRuns(values, area) {
  const shown = values.slice(-area.capacity);
  const runs = [];
  let run = null;
  shown.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      run = null;
      return;
    }
    if (!run) runs.push((run = []));
    run.push({ x: placeOf(index, shown.length, area), y: area.height - heightOf(value, area) });
  });
  return runs;
}

/**
 * Corners of a line that holds each value until the next.
 * @param {{ x: number, y: number }[]} run As from plotRuns.
 */
export function stepped(run) {
  return run.flatMap((point, index) => (index === 0 || run[index - 1].y === point.y ? [point] : [{ x: point.x, y: run[index - 1].y }, point]));
}

/**
 * One bar for each sample that is more than nothing; it stands where the sample's time ends.
 * @param {number[]} values Oldest first; NaN for gaps.
 * @param {Area} area
 * @returns {{ x: number, y: number, width: number, height: number }[]} At least a pixel wide and high: what was there is seen.
 */
export function plotBars(values, area) {
  const shown = values.slice(-area.capacity);
  const width = Math.max(area.width / Math.max(area.capacity, 1), 1);
  return shown.flatMap((value, index) => {
    if (!(value > 0)) return [];
    const height = Math.max(heightOf(value, area), 1);
    return [{ x: Math.max(placeOf(index, shown.length, area) - width, 0), y: area.height - height, width, height }];
  });
}

/**
 * Where the same word stands for a while.
 * @param {string[]} words One for each sample, oldest first; empty for none.
 * @param {number[]} values Of the line along which they stand.
 * @param {Area} area
 * @returns {{ word: string, x: number, y: number, width: number }[]} The place of each stretch's first sample, and how far it goes.
 */
export function wordRuns(words, values, area) {
  const shown = words.slice(-area.capacity);
  const heights = values.slice(-area.capacity);
  const runs = [];
  shown.forEach((word, index) => {
    const x = placeOf(index, shown.length, area);
    if (index > 0 && word === shown[index - 1]) runs.at(-1).width = x - runs.at(-1).x;
    else runs.push({ word, x, y: area.height - heightOf(heights[index] || 0, area), width: 0 });
  });
  return runs.filter(({ word }) => word !== '');
}

function placeOf(index, count, { width, capacity }) {
  return capacity > 1 ? width - (count - 1 - index) * (width / (capacity - 1)) : width;
}

function heightOf(value, { height, ceiling }) {
  return Math.min(Math.max(value / ceiling, 0), 1) * height;
}

function largestOf(values) {
  return values.reduce((max, value) => (value > max ? value : max), 0);
}
