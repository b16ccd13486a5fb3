import { plotBars, plotRuns, sharedCeiling, stepped, wordRuns } from './ui/scale.js';

const inset = 2; // half of the line and of the dot stay inside
const letters = '10px system-ui, sans-serif';
const lineHeight = 10;
const gap = 3; // between a line and what is written at it

/**
 * One number over time.
 * @typedef {{ shape?: 'area' | 'line' | 'steps' | 'bars', color?: string }} Series
 *   shape: `line` is dashed and not filled, so that it is told from an area without its colour; color: a custom property of the
 *   style sheet, such as `--second`; without one it is the colour of the text.
 */

/**
 * A small drawing over time on a canvas: the last minutes of one or more numbers, newest at the right.
 * It remembers while it is not shown, and draws only when it is.
 */
export class Plot {
  #canvas;
  #series;
  #values;
  #words = [];
  #capacity;
  #minimum;
  #scaleText;
  #size = { width: 0, height: 0 };
  #observer;

  /**
   * @param {HTMLCanvasElement} canvas Its size and colours come from the style sheet.
   * @param {{ capacity?: number, minimum?: number, series?: Series[], scaleText?: (ceiling: number) => string }} options
   *   capacity: samples over the whole width; minimum: smallest top of the scale, which all series share; scaleText: writes
   *   the top of the scale into the corner.
   */
  constructor(canvas, { capacity = 120, minimum = 1, series = [{}], scaleText } = {}) {
    this.#canvas = canvas;
    this.#series = series;
    this.#values = series.map(() => []);
    this.#capacity = capacity;
    this.#minimum = minimum;
    this.#scaleText = scaleText;
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      this.#size = { width: contentRect.width, height: contentRect.height };
      this.draw();
    });
    this.#observer.observe(canvas);
  }

  /**
   * @param {number | undefined | (number | undefined)[]} sample A value for each series; undefined leaves a gap.
   * @param {string} word Written along the time for which it stays the same, where there is room.
   */
  push(sample, word = '') {
    const values = Array.isArray(sample) ? sample : [sample];
    this.#values.forEach((kept, index) => this.#remember(kept, values[index] ?? NaN));
    this.#remember(this.#words, word);
    this.draw();
  }

  /**
   * Leaves room for samples that were not taken.
   * @param {number} count
   */
  skip(count) {
    for (let sample = 0; sample < count; sample++) {
      for (const kept of this.#values) this.#remember(kept, NaN);
      this.#remember(this.#words, '');
    }
  }

  /** @returns {number[][]} What is remembered of each series, oldest first; NaN for gaps. */
  get values() {
    return this.#values;
  }

  clear() {
    this.#values = this.#series.map(() => []);
    this.#words = [];
    this.draw();
  }

  draw() {
    const { width, height } = this.#size;
    const context = width && height ? this.#canvas.getContext('2d') : null;
    if (!context) return; // not shown
    const density = globalThis.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * density);
    this.#canvas.height = Math.round(height * density);
    context.scale(density, density);
    context.translate(inset, inset);
    const ceiling = sharedCeiling(this.#values, this.#minimum);
    const area = { width: width - 2 * inset, height: height - 2 * inset, capacity: this.#capacity, ceiling };
    const style = getComputedStyle(this.#canvas);
    this.#series.forEach(({ shape = 'area', color }, index) => {
      context.strokeStyle = context.fillStyle = (color && style.getPropertyValue(color)) || style.color;
      if (shape === 'bars') drawBars(context, plotBars(this.#values[index], area));
      else drawLine(context, shape, this.#values[index], area);
    });
    context.font = letters;
    context.textBaseline = 'top';
    context.fillStyle = style.getPropertyValue('--soft') || style.color;
    if (this.#scaleText) context.fillText(this.#scaleText(ceiling), 0, 0);
    drawWords(context, wordRuns(this.#words, this.#values[0], area), area.height);
  }

  #remember(kept, value) {
    kept.push(value);
    if (kept.length > this.#capacity) kept.shift();
  }

  dispose() {
    this.#observer.disconnect();
  }
}

function drawLine(context, shape, values, area) {
  const runs = plotRuns(values, area);
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.setLineDash(shape === 'line' ? [4, 3] : []);
  for (const run of runs) drawRun(context, shape === 'steps' ? stepped(run) : run, shape === 'line' ? undefined : area.height);
  const last = Number.isFinite(values.at(-1)) ? runs.at(-1)?.at(-1) : undefined;
  if (!last) return;
  context.beginPath();
  context.arc(last.x, last.y, 2, 0, 2 * Math.PI);
  context.fill();
}

function drawRun(context, run, ground) {
  context.beginPath();
  run.forEach(({ x, y }) => context.lineTo(x, y));
  context.stroke();
  if (ground === undefined) return;
  context.lineTo(run.at(-1).x, ground);
  context.lineTo(run[0].x, ground);
  context.globalAlpha = 0.14;
  context.fill();
  context.globalAlpha = 1;
}

function drawBars(context, bars) {
  for (const { x, y, width, height } of bars) context.fillRect(x, y, width, height);
}

/** Below the line, or above it where it runs low. */
function drawWords(context, runs, height) {
  for (const { word, x, y, width } of runs) {
    if (context.measureText(word).width + 2 * gap > width) continue;
    const above = y + gap + lineHeight > height;
    context.fillText(word, x + gap, Math.max(above ? y - gap - lineHeight : y + gap, 0));
  }
}
