// How soon Chromium shows a picture after a seek to a place chosen by chance in a finished recording, over HTTP.
//
//   node tests/Broadcast.Benchmarks/browser/seek.mjs http://127.0.0.1:8080 RECORDING-ID
//
// Needs playwright-core (npm ci in this folder) and /usr/bin/chromium. Environment: SEEKS=100. tests/benchmarks/run-seek.sh makes the
// recording and starts the server.
import { launch, open, percentile } from './harness.mjs';

const [server, id] = process.argv.slice(2);
const seeks = Number(process.env.SEEKS ?? 100);

const browser = await launch();
try {
  const page = await open(browser, server, '');
  const index = await (await fetch(`${server}/vod/${id}/index.json`)).json();
  for (const file of index.files.filter(({ type }) => /webm|mp4/.test(type))) {
    const times = await page.evaluate(async ({ url, duration, count }) => {
      const video = Object.assign(document.createElement('video'), { src: url, muted: true, preload: 'auto' });
      document.body.replaceChildren(video);
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error.message));
      });
      const times = [];
      for (let i = 0; i < count; i++) {
        const target = Math.random() * (duration - 5);
        const begun = performance.now();
        const shown = new Promise((resolve) => {
          const onFrame = (now, { mediaTime }) => (Math.abs(mediaTime - target) < 0.2 ? resolve(performance.now()) : video.requestVideoFrameCallback(onFrame));
          video.requestVideoFrameCallback(onFrame);
        });
        video.currentTime = target;
        times.push(await shown - begun);
      }
      return times;
    }, { url: file.url, duration: file.duration, count: seeks });
    const round = (value) => Math.round(value);
    console.log(`${file.name}: ${(file.duration / 60).toFixed(0)} min, ${(file.bytes / 1e6).toFixed(0)} MB, ${times.length} seeks:`
      + ` p50 ${round(percentile(times, 50))} ms, p95 ${round(percentile(times, 95))}, max ${round(Math.max(...times))}`);
  }
} finally {
  await browser.close();
}
