/** Mixes tracks of sound into one, such as a microphone with the sound of a shared tab. */
export class Mixer {
  #context;
  #target;

  /** @param {MediaStreamTrack[]} tracks At least one. */
  constructor(tracks) {
    this.#context = new AudioContext({ latencyHint: 'interactive' });
    this.#target = this.#context.createMediaStreamDestination();
    for (const track of tracks) this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#target);
    this.#context.resume().catch(() => {});
  }

  /** @returns {MediaStreamTrack} */
  get track() {
    return this.#target.stream.getAudioTracks()[0];
  }

  close() {
    this.#context.close();
  }
}
