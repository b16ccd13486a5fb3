import { Plot } from '../plot.js';
import { missedSamples } from '../stats/gaps.js';
import { formatCodec, formatMilliseconds } from '../ui/format.js';
import { describePlot, figures } from './figures.js';

/** A sample each second, three minutes of them. */
const time = { intervalMs: 1000, capacity: 180 };

const rows = [
  ['Picture', (s) => (s.width ? `${s.width} × ${s.height}` : '–')],
  ['Codecs', (s) => [s.videoCodec, s.audioCodec].filter(Boolean).map(formatCodec).join(', ') || '–'],
  ['Buffer', (s) => formatBuffer(s.jitterBufferMs, s.bufferTargetMs), 'buffer'],
  ['Repaired', (s) => (s.repaired === undefined ? '–' : `${s.repaired} packets`)],
  ['Freezes', (s) => (s.freezes === undefined ? '–' : s.freezes === 0 ? 'none' : `${s.freezes}, ${formatMilliseconds(s.frozenMs)}`)],
  ['Path', (s) => s.candidate ?? '–'],
];

/** What is held back, and, where the network made the player ask for more, of how much: `640 of 750 ms`. */
function formatBuffer(heldMs, targetMs) {
  return targetMs > 0 && Number.isFinite(heldMs) ? `${Math.round(heldMs)} of ${formatMilliseconds(targetMs)}` : formatMilliseconds(heldMs);
}

/**
 * The statistics panel: which quality is sent and why, plots of the last three minutes, and the rest as a list.
 * While it is closed it remembers, and does nothing else.
 */
export class Statistics {
  #panel;
  #quality;
  #why;
  #figures;
  #rows;
  #last;
  #lastMs;

  /** @param {HTMLElement} panel */
  constructor(panel) {
    panel.innerHTML = `<p class="chosen"><b data-value="quality">–</b> <span data-value="why"></span></p>
      <div class="plots">${figures.map(figureMarkup).join('')}</div>
      <p class="span">The last three minutes, newest at the right.</p>
      <dl>${rows.map(([label, , name]) => `<dt>${label}</dt><dd${name ? ` data-value="${name}"` : ''}>–</dd>`).join('')}</dl>`;
    this.#panel = panel;
    this.#quality = panel.querySelector('[data-value=quality]');
    this.#why = panel.querySelector('[data-value=why]');
    const canvases = panel.querySelectorAll('canvas');
    this.#figures = figures.map((figure, index) => ({
      ...figure,
      canvas: canvases[index],
      texts: figure.series.map(({ name }) => panel.querySelector(`[data-value=${name}]`)),
      plot: new Plot(canvases[index], { ...figure, capacity: time.capacity }),
    }));
    this.#rows = [...panel.querySelectorAll('dd')];
  }

  get shown() {
    return !this.#panel.hidden;
  }

  set shown(shown) {
    this.#panel.hidden = !shown;
    this.#paint(); // the plots notice by themselves
  }

  /** @param {import('./figures.js').PlayerSample} sample Once a second. */
  update(sample, nowMs = performance.now()) {
    const missed = missedSamples(this.#lastMs, nowMs, time);
    for (const { plot, series, word } of this.#figures) {
      plot.skip(missed);
      plot.push(series.map(({ value }) => value(sample)), word?.(sample));
    }
    this.#last = sample;
    this.#lastMs = nowMs;
    this.#paint();
  }

  #paint() {
    const sample = this.#last;
    if (!this.shown || !sample) return;
    this.#quality.textContent = sample.quality || '–';
    this.#why.textContent = sample.why ?? '';
    for (const { label, series, canvas, texts, plot } of this.#figures) {
      const said = series.map(({ legend, value, text, format }, index) =>
        ({ legend, format, values: plot.values[index], now: text ? text(sample) : format(value(sample)) }));
      said.forEach(({ now }, index) => { texts[index].textContent = now; });
      canvas.setAttribute('aria-label', describePlot(label, said));
    }
    rows.forEach(([, text], index) => { this.#rows[index].textContent = text(sample); });
  }
}

/** Where a plot has several lines, its caption is their legend, and its name is only heard. */
function figureMarkup({ label, hint, series }) {
  const numbers = series.map(({ name, legend, shape = 'area' }) =>
    `<span class="${legend ? `key ${shape}` : ''}">${legend ?? ''} <b data-value="${name}">–</b></span>`);
  return `<figure class="${series.length > 1 ? 'wide' : ''}"${hint ? ` title="${hint}"` : ''}><figcaption><span class="${series.length > 1 ? 'sr' : ''}">${label}</span>${numbers.join('')}</figcaption>
    <canvas role="img" aria-label="${label}"></canvas></figure>`;
}
