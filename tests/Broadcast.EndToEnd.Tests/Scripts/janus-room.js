// On the blank page: the video room of Janus, published to with the picture of layers.js and watched in a video element.
(() => {
  const plugin = 'janus.plugin.videoroom';
  const gathered = (connection) => new Promise((resolve) => {
    if (connection.iceGatheringState === 'complete') resolve();
    connection.addEventListener('icegatheringstatechange', () => { if (connection.iceGatheringState === 'complete') resolve(); });
  });

  /** One session with one handle. */
  class Handle {
    #session;
    #handle;
    #next = 1;
    #waiting = new Map();

    /** @param {string} api E.g. http://127.0.0.1:8088/janus. */
    static async attach(api) {
      const handle = new Handle();
      handle.#session = `${api}/${(await handle.#post(api, { janus: 'create' })).data.id}`;
      handle.#handle = `${handle.#session}/${(await handle.#post(handle.#session, { janus: 'attach', plugin })).data.id}`;
      handle.#poll();
      return handle;
    }

    /** Sends a request to the room. @returns {Promise<object>} What it answers, at once or as an event. */
    async request(body, jsep) {
      const transaction = `r${this.#next++}`;
      const event = new Promise((resolve) => { this.#waiting.set(transaction, resolve); });
      const reply = await this.#post(this.#handle, { janus: 'message', body, jsep }, transaction);
      const answer = reply.janus === 'ack' ? await event : reply;
      if (answer.plugindata.data.error) throw new Error(`Janus refused: ${answer.plugindata.data.error}`);
      return answer;
    }

    async #post(address, message, transaction = `t${this.#next++}`) {
      const reply = await (await fetch(address, { method: 'POST', body: JSON.stringify({ ...message, transaction }) })).json();
      if (reply.janus === 'error') throw new Error(`Janus refused: ${reply.error.reason}`);
      return reply;
    }

    async #poll() {
      for (;;) {
        for (const event of await (await fetch(`${this.#session}?maxev=10`)).json()) this.#waiting.get(event.transaction)?.(event);
      }
    }
  }

  /** @param {{ api: string, room: number } & import('./layers.js').Picture} what @returns {Promise<number>} The feed, for viewers. */
  async function publish({ api, room, ...picture }) {
    const handle = await Handle.attach(api);
    const videocodec = picture.codec.split('/')[1].toLowerCase();
    await handle.request({ request: 'create', room, publishers: 1, bitrate: 0, videocodec, audiocodec: 'opus' });
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    await layers.add(connection, picture);
    await connection.setLocalDescription();
    await gathered(connection);
    const joined = await handle.request({ request: 'joinandconfigure', ptype: 'publisher', room }, connection.localDescription.toJSON());
    await connection.setRemoteDescription({ type: 'answer', sdp: (await layers.answerEditor())(joined.jsep.sdp) });
    await layers.keepLayers(connection);
    return joined.plugindata.data.id;
  }

  /**
   * @param {{ api: string, room: number, feed: number }} what
   *   What is offered goes through the test's rewriteOffer, if there is one, so that the media take another way.
   */
  async function watch({ api, room, feed }) {
    const handle = await Handle.attach(api);
    const offered = await handle.request({ request: 'join', ptype: 'subscriber', room, streams: [{ feed }] });
    const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, srcObject: new MediaStream() });
    document.body.append(video);
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    connection.ontrack = ({ track }) => video.srcObject.addTrack(track);
    const sdp = globalThis.rewriteOffer ? await rewriteOffer(offered.jsep.sdp) : offered.jsep.sdp;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription();
    await gathered(connection);
    // Janus, though it is ICE-lite, sends to candidates by itself, past the other way; and without any it waits.
    const nowhere = 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n';
    const answer = connection.localDescription.sdp;
    await handle.request({ request: 'start' }, { type: 'answer', sdp: globalThis.rewriteOffer ? answer.replace(/(a=candidate:.*\r\n)+/g, nowhere) : answer });
  }

  globalThis.janusRoom = { publish, watch };
})();
