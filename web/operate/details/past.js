import { Plot } from '../../shared/plot.js';
import { element } from '../../shared/ui/element.js';

/** The last quarter of an hour in steps of five seconds. */
export const samples = 180;
const step = 5000;

/**
 * Plots of the last quarter of an hour: what nodes remember, then what comes.
 */
export class PastPlots {
  #plots;
  #latest;
  #timer;

  /**
   * @param {HTMLElement} place
   * @param {{ title: string, format: (value: number) => string, minimum: number }[]} kinds One plot each.
   */
  constructor(place, kinds) {
    this.#plots = kinds.map(({ title, format, minimum }) => {
      const canvas = element('canvas', { 'aria-hidden': 'true' });
      const now = element('strong', {}, '–');
      place.append(element('div', { class: 'past' }, element('h4', {}, title), now, canvas));
      return { now, format, plot: new Plot(canvas, { capacity: samples, minimum, scaleText: format }) };
    });
  }

  /**
   * Takes what is remembered, and begins to go on.
   * @param {number[][]} series As many as there are plots, oldest first.
   */
  begin(series) {
    const length = Math.max(0, ...series.map((values) => values.length));
    for (let index = 0; index < length; index++) {
      this.#plots.forEach(({ plot }, at) => plot.values[0].push(series[at]?.[index] ?? NaN));
    }
    for (const { plot } of this.#plots) {
      plot.values[0].splice(0, Math.max(0, plot.values[0].length - samples));
      plot.draw();
    }
    this.#timer = setInterval(() => this.#plots.forEach(({ plot }, at) => plot.push(this.#latest?.[at] ?? undefined)), step);
  }

  /** @param {(number | null | undefined)[]} values As they are now. */
  show(values) {
    this.#latest = values;
    this.#plots.forEach(({ now, format }, at) => {
      const text = format(values[at] ?? undefined);
      if (now.textContent !== text) now.textContent = text;
    });
  }

  dispose() {
    clearInterval(this.#timer);
    for (const { plot } of this.#plots) plot.dispose();
  }
}
