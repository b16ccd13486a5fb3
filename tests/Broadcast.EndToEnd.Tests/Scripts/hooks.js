// Runs before every page: remembers its peer connections, and reads their statistics.
(() => {
  const connections = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...settings) {
      super(...settings);
      connections.push(this);
    }
  };

  /** All statistics of one type, newest connection only. */
  async function reports(type, kind) {
    const stats = await globalThis.e2e.connection.getStats();
    return [...stats.values()]
      .filter((report) => report.type === type && (!kind || report.kind === kind))
      .map((report) => ({ ...report, codec: stats.get(report.codecId)?.mimeType }));
  }

  async function report(type, kind) {
    return (await reports(type, kind))[0] ?? {};
  }

  const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

  /**
   * Waits for a span in which the player received everything and showed it: on a busy machine an encoder may pause, and
   * that is no fault of the server, so a span with a flaw is followed by another one.
   * @returns The flaw-free span, or the last one when time is up.
   */
  async function steady({ seconds = 4, limit = 30, framesPerSecond = 10 } = {}) {
    const end = performance.now() + limit * 1000;
    for (;;) {
      const [video, audio] = [await report('inbound-rtp', 'video'), await report('inbound-rtp', 'audio')];
      await wait(seconds * 1000);
      const [laterVideo, laterAudio] = [await report('inbound-rtp', 'video'), await report('inbound-rtp', 'audio')];
      const grown = (before, after, name) => (after[name] ?? 0) - (before[name] ?? 0);
      const span = {
        frames: grown(video, laterVideo, 'framesDecoded'),
        freezes: grown(video, laterVideo, 'freezeCount'),
        videoLost: grown(video, laterVideo, 'packetsLost'),
        audioLost: grown(audio, laterAudio, 'packetsLost'),
        audioPackets: grown(audio, laterAudio, 'packetsReceived'),
        energy: grown(audio, laterAudio, 'totalAudioEnergy'),
        videoCodec: laterVideo.codec, audioCodec: laterAudio.codec,
        width: laterVideo.frameWidth, height: laterVideo.frameHeight,
      };
      span.clean = span.frames >= seconds * framesPerSecond && span.freezes === 0 && span.videoLost === 0 && span.audioLost === 0
        && span.audioPackets > 0 && span.energy > 0;
      if (span.clean || performance.now() > end) return span;
    }
  }

  /** Worklets are loaded past the routes of the test, so they come as text. */
  async function addWorklet(context, name) {
    const text = await (await fetch(`/e2e/${name}`)).text();
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
  }

  globalThis.e2e = {
    connections,
    /** The connection the page uses now. */
    get connection() {
      return connections.findLast((connection) => connection.connectionState === 'connected') ?? connections.at(-1);
    },
    reports,
    report,
    steady,
    wait,
    addWorklet,
  };
})();
