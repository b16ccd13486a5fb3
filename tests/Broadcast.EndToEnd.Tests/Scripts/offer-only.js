// A browser with fewer video codecs than it has: those whose MIME type matches globalThis.offered.
(() => {
  const native = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function addTransceiver(kind, ...rest) {
    const transceiver = native.call(this, kind, ...rest);
    if (kind === 'video') {
      transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities('video').codecs.filter(({ mimeType }) => globalThis.offered.test(mimeType)));
    }
    return transceiver;
  };
})();
