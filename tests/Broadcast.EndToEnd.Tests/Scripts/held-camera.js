// A camera that opens when the test says so (heldCamera.open()); the microphone opens at once.
(() => {
  const devices = navigator.mediaDevices;
  const original = devices.getUserMedia.bind(devices);
  const held = new Promise((open) => { globalThis.heldCamera = { open, asked: false }; });
  devices.getUserMedia = async (constraints) => {
    if (constraints.video) {
      globalThis.heldCamera.asked = true;
      await held;
    }
    return original(constraints);
  };
})();
