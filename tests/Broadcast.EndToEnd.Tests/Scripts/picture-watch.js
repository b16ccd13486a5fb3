// Runs before the watch page: how long its player showed no new picture.
(() => {
  let [shown, frames, changedMs, longestMs, gapEndedMs] = [undefined, 0, performance.now(), 0, -Infinity];
  const gapMs = 250;

  const look = () => {
    const nowMs = performance.now();
    const video = document.querySelector('broadcast-player')?.shadowRoot.querySelector('video.shown');
    const count = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    if (video !== shown || count !== frames) {
      const pauseMs = nowMs - changedMs;
      longestMs = Math.max(longestMs, pauseMs);
      if (pauseMs > gapMs) gapEndedMs = nowMs;
      [shown, frames, changedMs] = [video, count, nowMs];
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  globalThis.pictureWatch = {
    restart() {
      [longestMs, gapEndedMs] = [0, -Infinity];
    },
    /** The longest time without a new picture, one that still lasts included. */
    get longestMs() {
      return Math.max(longestMs, performance.now() - changedMs);
    },
    /** There was a gap, and it is over for so long. */
    isOverFor: (ms) => gapEndedMs > 0 && performance.now() - gapEndedMs > ms && performance.now() - changedMs < gapMs,
  };
})();
