// Makes the test card's sound: a quiet tone, and a click of 20 ms on demand, of which it says when it went out.
const clickSeconds = 0.02;

class Clicker extends AudioWorkletProcessor {
  #phase = 0;
  #clickFrames = 0;
  #next = 0;
  #event = 0;

  process(_, [output]) {
    const everySamples = sampleRate; // one click a second
    for (let i = 0; i < output[0].length; i++) {
      if (currentFrame + i >= this.#next) {
        this.#next = currentFrame + i + everySamples;
        this.#clickFrames = clickSeconds * sampleRate;
        this.#event++;
        this.port.postMessage({ event: this.#event, at: Date.now() + (i * 1000) / sampleRate });
      }
      this.#phase += (2 * Math.PI * 440) / sampleRate;
      let sample = 0.01 * Math.sin(this.#phase);
      if (this.#clickFrames-- > 0) sample = 0.8 * Math.sin(this.#phase * 4);
      for (const channel of output) channel[i] = sample;
    }
    return true;
  }
}

registerProcessor('clicker', Clicker);
