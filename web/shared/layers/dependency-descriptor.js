const uri = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/**
 * Has the dependency descriptor offered for what is received. Without it Chromium cannot put together pictures of AV1
 * that come in several sizes, and it does not offer it by itself; other browsers decide as they do.
 * @param {RTCRtpTransceiver} transceiver
 * @returns {RTCRtpTransceiver}
 */
export function withDependencyDescriptor(transceiver) {
  try {
    const extensions = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
    const stopped = (extension) => extension.uri === uri && extension.direction === 'stopped';
    if (extensions.some(stopped)) {
      transceiver.setHeaderExtensionsToNegotiate(extensions.map((e) => (stopped(e) ? { ...e, direction: 'sendrecv' } : e)));
    }
  } catch {
    // A browser with half of this interface: it then plays what it would have played anyway.
  }
  return transceiver;
}
