import { niceCeiling, plotRuns } from './ui/scale.js';

const inset = 2; // half of the line and of the dot stay inside

/** A small line over time on a canvas: the last minutes of one number, newest at the right. */
export class Plot {
  #canvas;
  #values = [];
  #capacity;
  #minimum;
  #observer;

  /**
   * @param {HTMLCanvasElement} canvas Drawn in the computed text colour; its size comes from the style sheet.
   * @param {{ capacity?: number, minimum?: number }} options
   *   capacity: samples over the whole width; minimum: smallest top of the scale.
   */
  constructor(canvas, { capacity = 120, minimum = 1 } = {}) {
    this.#canvas = canvas;
    this.#capacity = capacity;
    this.#minimum = minimum;
    this.#observer = new ResizeObserver(() => this.draw());
    this.#observer.observe(canvas);
  }

  /** @param {number | undefined} value undefined leaves a gap. */
  push(value) {
    this.#values.push(value ?? NaN);
    if (this.#values.length > this.#capacity) this.#values.shift();
    this.draw();
  }

  clear() {
    this.#values = [];
    this.draw();
  }

  draw() {
    const { clientWidth, clientHeight } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (!clientWidth || !clientHeight || !context) return;
    const density = globalThis.devicePixelRatio || 1;
    this.#canvas.width = Math.round(clientWidth * density);
    this.#canvas.height = Math.round(clientHeight * density);
    context.scale(density, density);
    context.translate(inset, inset);
    const area = {
      width: clientWidth - 2 * inset, height: clientHeight - 2 * inset,
      capacity: this.#capacity, ceiling: niceCeiling(this.#values, this.#minimum),
    };
    const { color } = getComputedStyle(this.#canvas);
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    const runs = plotRuns(this.#values, area);
    for (const run of runs) drawRun(context, run, area.height);
    const last = Number.isFinite(this.#values.at(-1)) ? runs.at(-1)?.at(-1) : undefined;
    if (last) {
      context.beginPath();
      context.arc(last.x, last.y, 2, 0, 2 * Math.PI);
      context.fill();
    }
  }

  dispose() {
    this.#observer.disconnect();
  }
}

function drawRun(context, run, height) {
  context.beginPath();
  run.forEach(({ x, y }) => context.lineTo(x, y));
  context.stroke();
  context.lineTo(run.at(-1).x, height);
  context.lineTo(run[0].x, height);
  context.globalAlpha = 0.14;
  context.fill();
  context.globalAlpha = 1;
}
