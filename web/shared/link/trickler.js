import { buildFragment } from '../sdp/fragment.js';

/** An ice-lite server learns our addresses from our checks; only when those fail are candidates worth a request. */
const iceLiteGraceMs = 500;

/** Candidates that appear within this time share a request. */
const batchMs = 20;

/** Collects local candidates of one ICE generation and sends them to the session by PATCH. */
export class Trickler {
  #connection;
  #waiting = [];
  #complete = false;
  #resource;
  #timer;
  #stopped = false;

  /** @param {RTCPeerConnection} connection Before setLocalDescription, so that nothing is missed. */
  constructor(connection) {
    this.#connection = connection;
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.#waiting.push(candidate.toJSON());
      else if (candidate === null) this.#complete = true;
      this.#schedule(batchMs);
    };
  }

  /**
   * Begins to send.
   * @param {import('../http/session-resource.js').SessionResource} resource
   * @param {string} answer The server's description of this generation.
   */
  start(resource, answer) {
    this.#resource = resource;
    this.#schedule(/^a=ice-lite\s*$/m.test(answer) ? iceLiteGraceMs : 0);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs) {
    if (!this.#resource || this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#flush(), delayMs);
  }

  async #flush() {
    this.#timer = undefined;
    const { localDescription, connectionState } = this.#connection;
    const nothing = this.#waiting.length === 0 && !this.#complete;
    if (this.#stopped || nothing || !localDescription || connectionState === 'connected') return;
    const complete = this.#complete;
    const fragment = buildFragment(localDescription.sdp, this.#waiting.splice(0), { complete });
    this.#complete = false;
    // A server without trickle, or with a newer generation, says so once; its own candidates are enough for us.
    await this.#resource.trickle(fragment).catch(() => this.stop());
    if (complete) this.stop();
  }
}
