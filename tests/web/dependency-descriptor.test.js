import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDependencyDescriptor } from '../../web/shared/layers/dependency-descriptor.js';

const uri = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
const transceiver = (extensions) => ({
  getHeaderExtensionsToNegotiate: () => extensions,
  setHeaderExtensionsToNegotiate(wanted) { this.wanted = wanted; },
});

test('what the browser can but does not offer is offered, and the rest stays', () => {
  const others = [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', direction: 'sendrecv' }, { uri: 'urn:other', direction: 'stopped' }];
  const video = withDependencyDescriptor(transceiver([others[0], { uri, direction: 'stopped' }, others[1]]));
  assert.deepEqual(video.wanted, [others[0], { uri, direction: 'sendrecv' }, others[1]]);
});

test('nothing is changed where it is offered already, is unknown, or cannot be chosen', () => {
  assert.equal(withDependencyDescriptor(transceiver([{ uri, direction: 'sendrecv' }])).wanted, undefined);
  assert.equal(withDependencyDescriptor(transceiver([])).wanted, undefined);
  const plain = {};
  assert.equal(withDependencyDescriptor(plain), plain);
});

test('a browser that refuses is left as it is', () => {
  const refusing = { ...transceiver([{ uri, direction: 'stopped' }]), setHeaderExtensionsToNegotiate() { throw new TypeError('no'); } };
  assert.equal(withDependencyDescriptor(refusing), refusing);
});
