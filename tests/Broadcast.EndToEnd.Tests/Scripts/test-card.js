// Takes the place of camera and microphone: a picture that says which frame it is, a flash and a click at the same moment.
//
// Rows of 16 squares: the frame's number in binary, its complement, and the number of the latest click (8 bits, then 8
// bits of its complement). Below, something that moves. The flash is the change of the click's number.
(() => {
  const [width, height, columns, square] = [640, 360, 16, 40];
  const frameMs = 1000 / 30;
  const card = { frames: 0, event: 0, events: [] };

  function bits(context, row, value, count, from = 0) {
    for (let i = 0; i < count; i++) {
      context.fillStyle = (value >> (count - 1 - i)) & 1 ? '#fff' : '#000';
      context.fillRect((from + i) * square, row * square, square, square);
    }
  }

  function draw(context) {
    const { frames, event } = card;
    bits(context, 0, frames & 0xffff, columns);
    bits(context, 1, ~frames & 0xffff, columns);
    bits(context, 2, event & 0xff, 8);
    bits(context, 2, ~event & 0xff, 8, 8);
    context.fillStyle = '#345';
    context.fillRect(0, 3 * square, width, height - 3 * square);
    // Enough detail for several packets a frame.
    for (let i = 0; i < 60; i++) {
      context.fillStyle = `hsl(${(i * 37 + frames * 11) % 360} 60% 50%)`;
      context.fillRect((i * 97 + frames * 5) % width, 3 * square + ((i * 53 + frames * 3) % 240), 40, 24);
    }
    context.fillStyle = `hsl(${frames % 360} 80% 60%)`;
    context.fillRect((frames * 7) % width, 3 * square + 20, 120, 180);
  }

  async function openMicrophone() {
    const context = new AudioContext({ sampleRate: 48000 });
    await e2e.addWorklet(context, 'click-worklet.js');
    const clicker = new AudioWorkletNode(context, 'clicker', { numberOfInputs: 0 });
    const destination = context.createMediaStreamDestination();
    clicker.connect(destination);
    clicker.port.onmessage = ({ data: { event, at } }) => {
      card.event = event;
      card.showFrame?.();
      card.events.push({ event, click: at, flash: performance.timeOrigin + performance.now() });
    };
    return destination.stream.getAudioTracks()[0];
  }

  function openCamera() {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    card.showFrame = () => {
      card.frames++;
      draw(context);
      writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => clearInterval(timer));
    };
    // Paced by the clock and not by the interval, whose steps are whole milliseconds and come late.
    let due = performance.now();
    const timer = setInterval(() => {
      if (performance.now() < due) return;
      due = Math.max(due + frameMs, performance.now() - frameMs);
      card.showFrame();
    }, 5);
    return track;
  }

  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => new MediaStream([
    ...(audio ? [await openMicrophone()] : []),
    ...(video ? [openCamera()] : []),
  ]);
  globalThis.testCard = card;
})();
