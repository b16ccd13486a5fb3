// Time to first frame and glass-to-glass latency in Chromium, through the server and, in the same run, browser to browser.
//
//   node tests/Broadcast.Benchmarks/browser/latency.mjs http://127.0.0.1:8080 [publish token] [watch token]
//
// Needs playwright-core (npm ci in this folder) and /usr/bin/chromium. The publisher draws the present time as black and
// white blocks into a 1280x720 canvas 30 times a second; the viewer reads it back from each frame it presents.
import { launch, open, percentile, sleep } from './harness.mjs';

const [server = 'http://127.0.0.1:8080', publishToken = '', watchToken = ''] = process.argv.slice(2);
const joins = Number(process.env.JOINS ?? 20);
const seconds = Number(process.env.SECONDS ?? 20);

/** Runs in every page: the drawn clock, its reader, and the two ways of connecting. */
function install() {
  const bits = 32;
  globalThis.clock = () => Math.round(performance.timeOrigin + performance.now()) >>> 0;

  globalThis.startCamera = () => {
    const canvas = document.createElement('canvas');
    canvas.width = 1280;
    canvas.height = 720;
    const context = canvas.getContext('2d');
    let hue = 0;
    const draw = () => {
      hue = (hue + 3) % 360;
      context.fillStyle = `hsl(${hue} 60% 50%)`;
      context.fillRect(0, 120, 1280, 600);
      for (let i = 0; i < 40; i++) {
        context.fillStyle = `hsl(${(hue * 7 + i * 37) % 360} 80% 60%)`;
        context.fillRect((i * 97 + hue * 11) % 1280, 140 + ((i * 53 + hue * 5) % 560), 60, 30);
      }
      const time = clock();
      for (let bit = 0; bit < bits; bit++) {
        context.fillStyle = (time >>> bit) & 1 ? '#fff' : '#000';
        context.fillRect(bit * 40, 0, 40, 120);
      }
    };
    draw();
    setInterval(draw, 1000 / 30);
    return canvas.captureStream(30);
  };

  globalThis.watchLatency = (video) => {
    const canvas = document.createElement('canvas');
    canvas.width = bits * 4;
    canvas.height = 4;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const samples = (globalThis.samples = []);
    globalThis.shownVideo = video;
    const read = () => {
      const shown = clock();
      context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 6, 0, 0, canvas.width, canvas.height);
      const pixels = context.getImageData(0, 2, canvas.width, 1).data;
      let time = 0;
      for (let bit = 0; bit < bits; bit++) if (pixels[(bit * 4 + 2) * 4] > 128) time |= 1 << bit;
      const latency = shown - (time >>> 0);
      if (latency >= 0 && latency < 5000) samples.push(latency);
      video.requestVideoFrameCallback(read);
    };
    video.requestVideoFrameCallback(read);
  };

  globalThis.attach = (pc) => {
    const video = document.createElement('video');
    video.muted = video.autoplay = video.playsInline = true;
    document.body.append(video);
    const stream = new MediaStream();
    video.srcObject = stream;
    pc.ontrack = (event) => {
      stream.addTrack(event.track);
      event.receiver.jitterBufferTarget = 0;
    };
    return video;
  };

  globalThis.preferVp8 = (transceiver) => {
    const codecs = RTCRtpSender.getCapabilities('video').codecs;
    transceiver.setCodecPreferences(codecs.filter((codec) => /VP8|rtx/.test(codec.mimeType)));
  };

  globalThis.post = async (url, pc, token) => {
    await pc.setLocalDescription();
    const headers = { 'Content-Type': 'application/sdp' };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(url, { method: 'POST', headers, body: pc.localDescription.sdp });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`${response.status} ${text}`);
    await pc.setRemoteDescription({ type: 'answer', sdp: text });
    return new URL(response.headers.get('Location'), url).href;
  };

  globalThis.publish = async (url, token) => {
    const pc = (globalThis.sender = new RTCPeerConnection());
    const stream = (globalThis.camera ??= startCamera());
    const transceiver = pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', streams: [stream] });
    preferVp8(transceiver);
    await post(url, pc, token);
    const parameters = transceiver.sender.getParameters();
    parameters.encodings[0].maxBitrate = 2_500_000;
    await transceiver.sender.setParameters(parameters);
  };

  globalThis.watch = async (url, token) => {
    const pc = (globalThis.receiver = new RTCPeerConnection());
    pc.addTransceiver('video', { direction: 'recvonly' });
    const video = attach(pc);
    const started = performance.now();
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(performance.now() - started)));
    const session = await post(url, pc, token);
    watchLatency(video);
    return [await shown, session];
  };

  globalThis.unwatch = async (session, token) => {
    receiver.close();
    document.querySelector('video').remove();
    await fetch(session, { method: 'DELETE', headers: token ? { Authorization: `Bearer ${token}` } : {} });
  };
}

const show = (name, values) =>
  console.log(`${name.padEnd(34)} n ${String(values.length).padStart(4)}   p50 ${percentile(values, 50).toFixed(0)} ms   p95 ${percentile(values, 95).toFixed(0)} ms`);

const browser = await launch();
try {
  const camera = await open(browser, server, install);
  const viewer = await open(browser, server, install);
  const stream = `latency-${process.pid}`;

  // Direct: the same two pages, no server in between.
  await camera.evaluate(() => {
    const pc = (globalThis.sender = new RTCPeerConnection());
    const media = (globalThis.camera ??= startCamera());
    preferVp8(pc.addTransceiver(media.getVideoTracks()[0], { direction: 'sendonly', streams: [media] }));
  });
  const gather = `new Promise((resolve) => { const pc = globalThis.sender ?? globalThis.receiver;
    if (pc.iceGatheringState === 'complete') resolve(pc.localDescription.sdp);
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve(pc.localDescription.sdp); })`;
  await camera.evaluate(() => sender.setLocalDescription());
  const offer = await camera.evaluate(gather);
  await viewer.evaluate(async (sdp) => {
    const pc = (globalThis.receiver = new RTCPeerConnection());
    watchLatency(attach(pc));
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
  }, offer);
  const answer = await viewer.evaluate(gather);
  await camera.evaluate(async (sdp) => {
    await sender.setRemoteDescription({ type: 'answer', sdp });
    const parameters = sender.getSenders()[0].getParameters();
    parameters.encodings[0].maxBitrate = 2_500_000;
    await sender.getSenders()[0].setParameters(parameters);
  }, answer);
  await sleep(5000 + seconds * 1000);
  const direct = (await viewer.evaluate(() => samples)).slice(150);
  await camera.evaluate(() => sender.close());
  await viewer.evaluate(() => { receiver.close(); document.querySelector('video').remove(); });

  await camera.evaluate(([url, token]) => publish(url, token), [`${server}/whip/${stream}`, publishToken]);
  await sleep(5000);
  const firstFrames = [];
  for (let i = 0; i < joins; i++) {
    const [time, session] = await viewer.evaluate(([url, token]) => watch(url, token), [`${server}/whep/${stream}`, watchToken]);
    firstFrames.push(time);
    await viewer.evaluate(([url, token]) => unwatch(url, token), [session, watchToken]);
    await sleep(1100);
  }

  await viewer.evaluate(([url, token]) => watch(url, token), [`${server}/whep/${stream}`, watchToken]);
  await sleep(5000 + seconds * 1000);
  const through = (await viewer.evaluate(() => samples)).slice(150);
  if (process.env.DEBUG) console.log(await viewer.evaluate(() => [samples.length, shownVideo.videoWidth, shownVideo.videoHeight, receiver.connectionState]));

  show('time to first frame, from POST', firstFrames);
  show('glass to glass, browser to browser', direct);
  show('glass to glass, through the server', through);
  console.log(`added by the server                p50 ${(percentile(through, 50) - percentile(direct, 50)).toFixed(0)} ms`);
} finally {
  await browser.close();
}
