/** Quieter than this is drawn as nothing. */
const floorDecibels = -60;

/** Shows how loud a microphone is. */
export class LevelMeter {
  #element;
  #context;
  #source;
  #analyser;
  #timer;

  /** @param {HTMLElement} element With role=meter and one child that is the bar. */
  constructor(element) {
    this.#element = element;
    // A context made without a click sleeps until there is one.
    addEventListener('pointerdown', () => this.#context?.resume());
  }

  /** @param {MediaStreamTrack | undefined} track */
  listen(track) {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#show(0);
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#context.resume().catch(() => {});
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#timer = setInterval(() => {
      if (document.hidden) return;
      this.#analyser.getFloatTimeDomainData(samples);
      this.#show(levelOf(samples));
    }, 60);
  }

  #show(level) {
    this.#element.style.setProperty('--level', level.toFixed(3));
    this.#element.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }
}

/**
 * Loudness of a piece of sound on a scale that follows the ear.
 * @param {Float32Array} samples From -1 to 1.
 * @returns {number} 0 (−60 dB or less) to 1 (full scale).
 */
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(Math.max(1 - decibels / floorDecibels, 0), 1);
}
