// On the blank page: sound published with copies of earlier packets (RED), and listened to with or without them.
(() => {
  const isRed = ({ mimeType }) => mimeType.toLowerCase() === 'audio/red';

  async function open(endpoint, token, prepare) {
    const { PeerLink } = await import('/shared/link/peer-link.js');
    globalThis.link = new PeerLink({ endpoint, token, prepare });
    await link.open();
  }

  /** Publishes the fake microphone, RED preferred. */
  async function publish(stream, token) {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true });
    const { codecs } = RTCRtpSender.getCapabilities('audio');
    await open(`/whip/${stream}`, token, (connection) => {
      const transceiver = connection.addTransceiver(media.getTracks()[0], { direction: 'sendonly', streams: [media] });
      transceiver.setCodecPreferences([...codecs.filter(isRed), ...codecs.filter((codec) => !isRed(codec))]);
    });
  }

  /** Plays the stream; without RED this browser does not even know it. */
  async function listen(stream, withRed) {
    const audio = Object.assign(document.createElement('audio'), { autoplay: true, srcObject: new MediaStream() });
    document.body.append(audio);
    const { codecs } = RTCRtpReceiver.getCapabilities('audio');
    await open(`/whep/${stream}`, undefined, (connection) => {
      const transceiver = connection.addTransceiver('audio', { direction: 'recvonly' });
      if (!withRed) transceiver.setCodecPreferences(codecs.filter((codec) => !isRed(codec)));
      connection.ontrack = ({ track }) => audio.srcObject.addTrack(track);
    });
  }

  globalThis.redundantSound = { publish, listen };
})();
