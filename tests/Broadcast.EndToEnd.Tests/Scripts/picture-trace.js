// Runs before the watch page, or another with a video element: which pictures its player showed and when, and every 100 ms how many were decoded until then.
//
// The first is what a person sees, if the page comes round to look; what it missed is counted. The second goes on when it does not.
(() => {
  const sampleMs = 100;
  let [shown, decoded, watched] = [[], [], undefined];

  const now = () => performance.timeOrigin + performance.now();

  function look(video) {
    let seen;
    const onFrame = (_, { presentationTime, presentedFrames, width }) => {
      if (video !== watched) return;
      shown.push({ atMs: performance.timeOrigin + presentationTime, width, missed: seen === undefined ? 0 : presentedFrames - seen - 1 });
      seen = presentedFrames;
      video.requestVideoFrameCallback(onFrame);
    };
    watched = video;
    video.requestVideoFrameCallback(onFrame);
  }

  async function start() {
    [shown, decoded] = [[], []];
    for (;;) {
      const player = document.querySelector('broadcast-player');
      const video = player ? player.shadowRoot.querySelector('video.shown') : document.querySelector('video'); // another one after a new session
      if (video !== watched) look(video);
      const { timestamp, framesDecoded, frameWidth, totalFreezesDuration, bytesReceived } = await e2e.report('inbound-rtp', 'video');
      if (framesDecoded !== undefined) decoded.push({ atMs: timestamp, frames: framesDecoded, width: frameWidth, frozenSeconds: totalFreezesDuration, bytes: bytesReceived });
      await e2e.wait(sampleMs);
    }
  }

  globalThis.pictureTrace = { start: () => { start(); }, now, read: () => ({ shown, decoded, untilMs: now() }) };
})();
