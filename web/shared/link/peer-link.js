import { SessionResource } from '../http/session-resource.js';
import { applyFragment, buildFragment } from '../sdp/fragment.js';
import { Trickler } from './trickler.js';

/** After this long without a connection, ICE is restarted once: by then the server's TURN addresses are known. */
const slowConnectMs = 3000;

const same = (sdp) => sdp;

/**
 * One WebRTC session with the server: a peer connection and its HTTP resource, from offer to DELETE.
 * It is used once; whoever wants to reconnect makes another one.
 *
 *   open() → connecting ⇄ (ICE restart) → connected … → closed
 */
export class PeerLink {
  #endpoint;
  #token;
  #timeoutMs;
  #resource;
  #trickler;
  #slow;
  #closed = false;
  #restarting;
  #onState;

  /**
   * @param {{
   *   endpoint: string, token?: string, timeoutMs?: number, iceServers?: RTCIceServer[],
   *   prepare: (connection: RTCPeerConnection) => void | Promise<void>,
   *   editOffer?: (sdp: string) => string, editAnswer?: (sdp: string) => string,
   *   onState?: (state: RTCPeerConnectionState) => void,
   * }} options timeoutMs limits the POST; prepare adds the transceivers; iceServers are those of an earlier session, if any.
   */
  constructor({ endpoint, token, timeoutMs, iceServers = [], prepare, editOffer = same, editAnswer = same, onState = () => {} }) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
    this.#onState = onState;
    this.prepare = prepare;
    this.editOffer = editOffer;
    this.editAnswer = editAnswer;
    this.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.connection.onconnectionstatechange = () => {
      if (this.connection.connectionState === 'connected') clearTimeout(this.#slow);
      if (!this.#closed) onState(this.connection.connectionState);
    };
  }

  get closed() {
    return this.#closed;
  }

  /** Null until the server has accepted the offer. */
  get resource() {
    return this.#resource ?? null;
  }

  /**
   * Offers, and applies the answer. The offer leaves at once; gathering goes on beside it.
   * @throws {import('../http/signalling-error.js').SignallingError} When the server refuses or is not there.
   */
  async open() {
    const { connection } = this;
    await this.prepare(connection);
    const offer = await connection.createOffer();
    const sdp = this.editOffer(offer.sdp);
    const posted = SessionResource.create(this.#endpoint, sdp, this.#token, this.#timeoutMs).then(({ resource, answer }) => {
      this.#resource = resource;
      if (this.#closed) resource.delete(); // closed meanwhile: the server must not wait for us
      return answer;
    });
    // A refused session is reported below; this keeps it from also being an unhandled rejection.
    posted.catch(() => {});
    this.#trickler = new Trickler(connection);
    await connection.setLocalDescription({ type: 'offer', sdp });
    const answer = await posted;
    const resource = this.#resource;
    if (this.#closed) return;
    if (resource.iceServers.length > 0) {
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers: resource.iceServers });
      this.#slow = setTimeout(() => this.restartIce().catch(() => {}), slowConnectMs);
    }
    await connection.setRemoteDescription({ type: 'answer', sdp: this.editAnswer(answer) });
    this.#trickler.start(resource, answer);
    this.#watchTransport();
  }

  /** A server that says goodbye (DTLS close) leaves connectionState at `connected`; only the transport tells. */
  #watchTransport() {
    const transport = [...this.connection.getSenders(), ...this.connection.getReceivers()].find((end) => end.transport)?.transport;
    transport?.addEventListener('statechange', () => {
      if (!this.#closed && transport.state === 'closed') this.#onState('closed');
    });
  }

  /**
   * Restarts ICE on the running session: new paths, same DTLS, same media. Concurrent calls share one attempt.
   * @throws When the server or the browser refuses; the old path is then still in use.
   */
  restartIce() {
    this.#restarting ??= this.#restartIce().finally(() => { this.#restarting = undefined; });
    return this.#restarting;
  }

  async #restartIce() {
    const { connection } = this;
    const remote = connection.remoteDescription;
    if (this.#closed || !this.#resource || !remote) throw new Error('There is no session to restart.');
    const offer = await connection.createOffer({ iceRestart: true });
    const sdp = this.editOffer(offer.sdp);
    this.#trickler.stop();
    this.#trickler = new Trickler(connection);
    await connection.setLocalDescription({ type: 'offer', sdp });
    try {
      const answer = applyFragment(remote.sdp, await this.#resource.restart(buildFragment(sdp, [])));
      await connection.setRemoteDescription({ type: 'answer', sdp: answer });
      this.#trickler.start(this.#resource, answer);
    } catch (error) {
      if (connection.signalingState === 'have-local-offer') await connection.setLocalDescription({ type: 'rollback' }).catch(() => {});
      throw error;
    }
  }

  /** Ends the session here and on the server. Works while the page is being left. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#slow);
    this.#trickler?.stop();
    this.connection.close();
    this.#resource?.delete();
  }
}
