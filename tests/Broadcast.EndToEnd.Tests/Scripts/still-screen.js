// In the place of a shared screen: a picture that moves until the test says stopMoving(), and from then on is sent once a second,
// as browsers do with a screen on which nothing happens. No sound.
(() => {
  const [width, height] = [640, 360];
  const still = { frames: 0 };

  function openScreen() {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    const show = () => {
      context.fillStyle = `hsl(${still.moving ? still.frames * 7 : 0} 60% 40%)`;
      context.fillRect(0, 0, width, height);
      still.frames++;
      writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => clearInterval(still.timer));
    };
    still.moving = true;
    still.timer = setInterval(show, 1000 / 15);
    globalThis.stopMoving = () => {
      clearInterval(still.timer);
      still.moving = false;
      still.timer = setInterval(show, 1000);
    };
    return track;
  }

  navigator.mediaDevices.getUserMedia = async ({ video }) => new MediaStream(video ? [openScreen()] : []);
})();
