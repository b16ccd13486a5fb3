// On the blank page: a picture published in several layers, and the wishes of a viewer who watches by links.js.
(() => {
  const [width, height] = [960, 540];
  const layerRelation = 'urn:ietf:params:whep:ext:core:layer';

  function draw(context, number) {
    context.fillStyle = `hsl(${number % 360} 60% 50%)`;
    context.fillRect(0, 0, width, height);
    for (let i = 0; i < 60; i++) {
      context.fillStyle = `hsl(${(i * 37 + number * 3) % 360} 80% 60%)`;
      context.fillRect((i * 197 + number * 11) % width, (i * 151 + number * 7) % height, 60, 60);
    }
    context.fillStyle = '#fff';
    context.font = '80px sans-serif';
    context.fillText(`frame ${number}`, 100, 200 + (number % 300));
  }

  function openPicture(framesPerSecond) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    let number = 0;
    setInterval(() => {
      draw(context, number++);
      const frame = new VideoFrame(canvas, { timestamp: performance.now() * 1000 });
      writer.write(frame).catch(() => frame.close());
    }, 1000 / framesPerSecond);
    return track;
  }

  /**
   * @typedef {object} Picture
   * @property {string} codec A MIME type.
   * @property {RTCRtpEncodingParameters[]} encodings
   * @property {number} framesPerSecond
   * @property {boolean} withSound
   */

  /** A moving picture on a connection, before its offer. @param {RTCPeerConnection} connection @param {Picture} picture */
  async function add(connection, { codec, encodings, framesPerSecond, withSound }) {
    const { preferCodec } = await import('/shared/link/encoding.js');
    const sound = withSound ? await navigator.mediaDevices.getUserMedia({ audio: true }) : new MediaStream();
    const transceiver = connection.addTransceiver(openPicture(framesPerSecond), { direction: 'sendonly', sendEncodings: encodings });
    preferCodec(transceiver, codec);
    for (const track of sound.getTracks()) connection.addTransceiver(track, { direction: 'sendonly' });
  }

  /** Tells the browser what to think of the network at first. @returns {Promise<(answer: string) => string>} */
  async function answerEditor() {
    const { withStartBitrate } = await import('/shared/sdp/start-bitrate.js');
    return (answer) => withStartBitrate(answer, 2_500_000);
  }

  /** A busy machine may cost frames, but no layer. @param {RTCPeerConnection} connection */
  async function keepLayers(connection) {
    const [sender] = connection.getSenders();
    const parameters = sender.getParameters();
    parameters.degradationPreference = 'maintain-resolution';
    await sender.setParameters(parameters);
  }

  /** Publishes a moving picture. @param {Picture & { stream: string, token: string }} what */
  async function publish({ stream, token, ...picture }) {
    const { PeerLink } = await import('/shared/link/peer-link.js');
    const link = globalThis.link = new PeerLink({
      endpoint: `/whip/${stream}`,
      token,
      prepare: (connection) => add(connection, picture),
      editAnswer: await answerEditor(),
    });
    await link.open();
    await keepLayers(link.connection);
  }

  /** Has this viewer get another layer. @param {object} wish @returns The status code. */
  async function choose(wish) {
    const response = await fetch(link.resource.extension(layerRelation), {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(wish),
    });
    return response.status;
  }

  /** When the frame counter of each stream was seen to grow, in milliseconds since 1970. */
  const growth = new Map();

  /** Notes from now on when frames were encoded (outbound-rtp) or decoded (inbound-rtp). Statistics are 50 ms old at most. */
  async function watchPace(type) {
    const counts = new Map();
    for (;;) {
      for (const { ssrc, timestamp, framesEncoded, framesDecoded } of await e2e.reports(type, 'video')) {
        const count = framesEncoded ?? framesDecoded ?? 0;
        if (count > (counts.get(ssrc) ?? 0)) growth.set(ssrc, [...(growth.get(ssrc) ?? []), timestamp]);
        counts.set(ssrc, count);
      }
      await e2e.wait(50);
    }
  }

  /** Spans longer than a limit without a frame, of any of the streams. @returns {{ from: number, to: number }[]} */
  function gaps(limitMs) {
    return [...growth.values()].flatMap((times) =>
      times.slice(1).map((to, i) => ({ from: times[i], to })).filter(({ from, to }) => to - from > limitMs));
  }

  /** Once a second, in kbit/s: what the browser believes the network to carry from it, what its encoders aim at, what it sends. */
  const upload = [];

  async function watchUpload() {
    let before;
    for (;;) {
      const [videos, [transport], pairs] = [await e2e.reports('outbound-rtp', 'video'), await e2e.reports('transport'), await e2e.reports('candidate-pair')];
      const estimate = pairs.find(({ availableOutgoingBitrate }) => availableOutgoingBitrate > 0)?.availableOutgoingBitrate ?? 0;
      const target = videos.reduce((sum, { targetBitrate }) => sum + (targetBitrate ?? 0), 0);
      const sent = before ? ((transport.bytesSent - before.bytesSent) * 8000) / (transport.timestamp - before.timestamp) : 0;
      before = transport;
      upload.push([estimate, target, sent].map((bits) => Math.round(bits / 1000)).join('/'));
      await e2e.wait(1000);
    }
  }

  globalThis.layers = { add, answerEditor, keepLayers, publish, choose, watchPace, gaps, watchUpload, upload };
})();
