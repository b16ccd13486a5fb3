// A browser that does not know the dependency descriptor.
(() => {
  const native = RTCPeerConnection.prototype.setLocalDescription;
  const without = (sdp) => sdp.split('\r\n').filter((line) => !line.includes('dependency-descriptor')).join('\r\n');
  RTCPeerConnection.prototype.setLocalDescription = function setLocalDescription(description) {
    return native.call(this, description?.sdp ? { type: description.type, sdp: without(description.sdp) } : description);
  };
  const create = RTCPeerConnection.prototype.createOffer;
  RTCPeerConnection.prototype.createOffer = async function createOffer(...options) {
    const { type, sdp } = await create.apply(this, options);
    return { type, sdp: without(sdp) };
  };
})();
