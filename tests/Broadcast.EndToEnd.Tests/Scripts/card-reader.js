// Reads the test card (test-card.js) in a viewer's page.
(() => {
  const columns = 16;

  /** @param {(column: number, row: number) => boolean} isWhite @returns The numbers on the card; null when unreadable. */
  function read(isWhite) {
    const number = (row, from, count) => {
      let value = 0;
      for (let i = 0; i < count; i++) value = (value << 1) | isWhite(from + i, row);
      return value;
    };
    const [frame, frameCheck] = [number(0, 0, columns), number(1, 0, columns)];
    const [event, eventCheck] = [number(2, 0, 8), number(2, 8, 8)];
    return (frame ^ frameCheck) === 0xffff && (event ^ eventCheck) === 0xff ? { frame, event } : null;
  }

  /** Reads a VideoFrame by its luma plane, which every format of a decoder begins with. */
  async function readFrame(frame, buffer) {
    const { codedWidth, visibleRect } = frame;
    const size = frame.allocationSize();
    const bytes = buffer.length >= size ? buffer : new Uint8Array(size);
    const [{ offset, stride }] = await frame.copyTo(bytes);
    const square = visibleRect.width / columns;
    return read((column, row) => bytes[offset + Math.floor((row + 0.5) * square) * stride + Math.floor((column + 0.5) * square)] > 127);
  }

  /**
   * Collects what the receiving track delivers: every decoded frame, whether or not the page finds time to show it.
   * @param {number} seconds
   */
  async function collectFrames(seconds) {
    const receiver = e2e.connection.getReceivers().find(({ track }) => track.kind === 'video');
    const track = receiver.track.clone();
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 60 }).readable.getReader();
    const end = performance.now() + seconds * 1000;
    const frames = [];
    const buffer = new Uint8Array(4 * 1280 * 720);
    while (performance.now() < end) {
      const { value, done } = await reader.read();
      if (done) break;
      const seen = await readFrame(value, buffer);
      frames.push({ number: seen?.frame ?? -1, rtpTimestamp: value.metadata().rtpTimestamp, atMs: performance.now() });
      value.close();
    }
    await reader.cancel();
    track.stop();
    return frames;
  }

  /** When each flash was shown and each click was heard, in milliseconds since 1970; see LipSyncTests. */
  const events = { seen: [], heard: [] };

  /** Reads every picture that an element shows. @param {(card: { frame: number, event: number }, metadata) => void} onCard */
  function watchCards(video, onCard) {
    const canvas = new OffscreenCanvas(4 * columns, 4 * 9);
    const pixels = canvas.getContext('2d', { willReadFrequently: true });
    const onFrame = (_, metadata) => {
      pixels.drawImage(video, 0, 0, canvas.width, canvas.height);
      const { data } = pixels.getImageData(0, 0, canvas.width, 12);
      const card = read((column, row) => data[4 * ((4 * row + 2) * canvas.width + 4 * column + 2) + 1] > 127);
      if (card) onCard(card, metadata);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  /** A flash is shown when the browser expects its first frame on the screen. */
  function watchFlashes(video) {
    let last;
    watchCards(video, ({ event }, { expectedDisplayTime }) => {
      if (last !== undefined && event !== last) events.seen.push({ event, at: performance.timeOrigin + expectedDisplayTime });
      last = event;
    });
  }

  /** Which frame was shown when, in milliseconds since 1970. */
  const shown = [];

  function watchNumbers(video) {
    watchCards(video, ({ frame }, { presentationTime }) => shown.push({ number: frame, atMs: performance.timeOrigin + presentationTime }));
  }

  /** A click is heard when the player's buffer hands it to the output, here a device without latency. */
  async function watchClicks(track) {
    const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
    const samples = new Float32Array(48000);
    let quietUntil = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const end = performance.timeOrigin + performance.now();
      value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const { numberOfFrames, sampleRate } = value;
      value.close();
      const loud = samples.subarray(0, numberOfFrames).findIndex((sample) => Math.abs(sample) > 0.25);
      if (loud < 0) continue;
      if (end > quietUntil) events.heard.push(end - ((numberOfFrames - loud) * 1000) / sampleRate);
      quietUntil = end + 300;
    }
  }

  function watchEvents() {
    const video = document.querySelector('broadcast-player').shadowRoot.querySelector('video.shown');
    watchFlashes(video);
    watchClicks(video.srcObject.getAudioTracks()[0]);
  }

  globalThis.cardReader = { collectFrames, watchEvents, events, watchNumbers, shown };
})();
