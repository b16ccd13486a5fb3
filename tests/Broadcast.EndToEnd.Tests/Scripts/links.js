// On the blank page: one session each, made with the product's own modules but without its policy of making another one.
(() => {
  async function open(path, token, prepare) {
    const { PeerLink } = await import('/shared/link/peer-link.js');
    const link = new PeerLink({ endpoint: path, token, prepare });
    await link.open();
    globalThis.link = link;
  }

  /** Publishes what getUserMedia gives; resolves when connected. */
  async function publish(stream, token) {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360, frameRate: 30 } });
    await open(`/whip/${stream}`, token, (connection) => {
      for (const track of media.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    });
  }

  /** Plays a stream in a video element. */
  async function watch(stream) {
    const { withDependencyDescriptor } = await import('/shared/layers/dependency-descriptor.js');
    const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, srcObject: new MediaStream() });
    document.body.append(video);
    await open(`/whep/${stream}`, undefined, (connection) => {
      connection.addTransceiver('audio', { direction: 'recvonly' });
      withDependencyDescriptor(connection.addTransceiver('video', { direction: 'recvonly' }));
      connection.ontrack = ({ track }) => video.srcObject.addTrack(track);
    });
  }

  globalThis.links = { publish, watch };
})();
