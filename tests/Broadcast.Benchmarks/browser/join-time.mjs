// Time to first frame in Chromium for a stream with numbered frames that is live already, and how far behind an earlier
// viewer a newcomer is three seconds later.
//
//   node tests/Broadcast.Benchmarks/browser/join-time.mjs http://127.0.0.1:8080 STREAM
//
// Needs playwright-core (npm ci in this folder) and /usr/bin/chromium. Environment: JOINS=30. tests/benchmarks/run-join-time.sh
// starts the server and the publisher: broadcast-loadtest --numbered-frames, whose squares this reads.
import { launch, open, percentile, sleep } from './harness.mjs';

const [server, stream] = process.argv.slice(2);
const joins = Number(process.env.JOINS ?? 30);
const settleSeconds = 3;
const compareSeconds = 2;

/** Runs in every page. */
function install() {
  const columns = 16;

  /** Notes which frame is shown when, in milliseconds since 1970. */
  const readNumbers = (video, shown) => {
    const canvas = new OffscreenCanvas(4 * columns, 4 * 9);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const onFrame = (_, { presentationTime }) => {
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, 8);
      let [number, complement] = [0, 0];
      for (let column = 0; column < columns; column++) {
        const white = (row) => (data[4 * ((4 * row + 2) * canvas.width + 4 * column + 2) + 1] > 127 ? 1 : 0);
        number = (number << 1) | white(0);
        complement = (complement << 1) | white(1);
      }
      if ((number ^ complement) === 0xffff) shown.push({ number, at: performance.timeOrigin + presentationTime });
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };

  /** Joins. @returns Milliseconds from the POST to the first picture on the screen. */
  globalThis.join = async (url) => {
    const pc = (globalThis.receiver = new RTCPeerConnection());
    for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'recvonly' });
    const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, srcObject: new MediaStream() });
    document.body.append(video);
    pc.ontrack = ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0;
      video.srcObject.addTrack(track);
    };
    const picture = new Promise((resolve) => { video.requestVideoFrameCallback(() => resolve(performance.now())); });
    await pc.setLocalDescription();
    const posted = performance.now();
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    globalThis.session = new URL(response.headers.get('Location'), url).href;
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    const first = await picture;
    globalThis.shown = [];
    readNumbers(video, globalThis.shown);
    return first - posted;
  };

  globalThis.counters = async () => {
    const video = [...(await receiver.getStats()).values()].find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
    return { lost: video.packetsLost, nack: video.nackCount, pli: video.pliCount, freezes: video.freezeCount, dropped: video.framesDropped, decoded: video.framesDecoded };
  };

  globalThis.leave = async () => {
    receiver.close();
    document.querySelector('video').remove();
    await fetch(session, { method: 'DELETE' });
  };
}

const show = (name, values) => console.log(`${name.padEnd(44)} n ${values.length}   p50 ${percentile(values, 50).toFixed(0)} ms   p95 `
  + `${percentile(values, 95).toFixed(0)} ms   max ${Math.max(...values).toFixed(0)} ms`);

/** How much later the newcomer showed the frames that both showed: the median. */
function behind(newcomer, earlier) {
  const differences = newcomer.flatMap(({ number, at }) => earlier.filter((other) => other.number === number && Math.abs(other.at - at) < 5000).map((other) => at - other.at));
  return percentile(differences, 50);
}

const browser = await launch();
try {
  const first = await open(browser, server, install);
  const viewer = await open(browser, server, install);
  const url = `${server}/whep/${stream}`;
  await first.evaluate((address) => join(address), url);
  await sleep(5000);

  const [times, differences, totals] = [[], [], {}];
  for (let i = 0; i < joins; i++) {
    await sleep(Math.random() * 4000); // any phase of the keyframe interval
    times.push(await viewer.evaluate((address) => join(address), url));
    await sleep(settleSeconds * 1000);
    const since = await viewer.evaluate(() => shown.length);
    await sleep(compareSeconds * 1000);
    differences.push(behind(await viewer.evaluate((from) => shown.slice(from), since), await first.evaluate(() => shown.slice(-300))));
    for (const [name, count] of Object.entries(await viewer.evaluate(() => counters()))) totals[name] = (totals[name] ?? 0) + count;
    await viewer.evaluate(() => leave());
  }

  show('time to first frame, from POST', times);
  show(`behind the first viewer, ${settleSeconds} s after joining`, differences);
  console.log(`newcomers: ${Object.entries(totals).map(([name, count]) => `${name} ${count}`).join(', ')}`);
} finally {
  await browser.close();
}
