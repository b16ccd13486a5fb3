// The widths of all pictures that the page's connections have decoded, whether they were shown or not: each change, in order.
(() => {
  const decoded = globalThis.decoded = { widths: [], frames: 0 };

  async function read(track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      if (decoded.widths.at(-1) !== frame.displayWidth) decoded.widths.push(frame.displayWidth);
      decoded.frames++;
      frame.close();
    }
  }

  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...settings) {
      super(...settings);
      this.addEventListener('track', ({ track }) => {
        if (track.kind === 'video') read(track.clone());
      });
    }
  };
})();
