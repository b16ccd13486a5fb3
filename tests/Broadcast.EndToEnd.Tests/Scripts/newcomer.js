// On the blank page, after card-reader.js: joins a stream with numbered frames, as the product's player does.
(() => {
  /** Joins. @returns Milliseconds from the POST to the first picture on the screen. */
  async function join(stream) {
    const { PeerLink } = await import('/shared/link/peer-link.js');
    const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, srcObject: new MediaStream() });
    document.body.append(video);
    const picture = new Promise((resolve) => { video.requestVideoFrameCallback(() => resolve(performance.now())); });
    const link = globalThis.link = new PeerLink({
      endpoint: `/whep/${stream}`,
      prepare: (connection) => {
        for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
        connection.ontrack = ({ track, receiver }) => {
          receiver.jitterBufferTarget = 0;
          video.srcObject.addTrack(track);
        };
      },
    });
    const posting = new Promise((resolve) => {
      const observer = new PerformanceObserver((list) => {
        const post = list.getEntries().find(({ name }) => name.endsWith(`/whep/${stream}`));
        if (post) resolve(post.startTime);
      });
      observer.observe({ type: 'resource' });
    });
    await link.open();
    const first = await picture;
    cardReader.watchNumbers(video);
    globalThis.newcomer.firstAt = performance.timeOrigin + first;
    return first - await posting;
  }

  /** The frames shown in a span counted from the first picture, once it is over. */
  async function shownBetween(fromSeconds, toSeconds) {
    const [from, to] = [fromSeconds, toSeconds].map((seconds) => globalThis.newcomer.firstAt + seconds * 1000);
    await e2e.wait(to - performance.timeOrigin - performance.now());
    return cardReader.shown.filter(({ atMs }) => atMs >= from && atMs < to);
  }

  globalThis.newcomer = { join, shownBetween };
})();
