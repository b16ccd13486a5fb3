/** How long a restarted ICE may take before the session is given up. */
const restartLimitMs = 3000;

/** How long the first connection of a session may take. */
const connectLimitMs = 8000;

/** First aid for a link that lost its path: one ICE restart on the running session, then the session is given up. */
export class RestartOnDisconnect {
  #link;
  #giveUp;
  #timer;

  /**
   * @param {import('./peer-link.js').PeerLink} link
   * @param {() => void} giveUp Called at most once per loss.
   */
  constructor(link, giveUp) {
    this.#link = link;
    this.#giveUp = giveUp;
    if (link.connection.connectionState !== 'connected') this.#timer = setTimeout(giveUp, connectLimitMs);
  }

  /** @param {RTCPeerConnectionState} state */
  onState(state) {
    if (state === 'connected') this.stop();
    else if (state === 'disconnected') {
      this.stop();
      this.#timer = setTimeout(this.#giveUp, restartLimitMs);
      this.#link.restartIce().catch(() => {
        // Refused or unreachable: waiting for the old path any longer gains nothing, unless it came back meanwhile.
        if (this.#timer === undefined || this.#link.connection.connectionState === 'connected') return;
        this.stop();
        this.#giveUp();
      });
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
