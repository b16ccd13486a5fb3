import { preferCodec } from '../link/encoding.js';
import { codecFor, layerPlans, sizeOf } from './plan.js';

/**
 * Adds a picture to a connection in as many qualities as were wished for, or as near to that as the browser takes.
 * @param {RTCPeerConnection} connection
 * @param {MediaStreamTrack} track
 * @param {MediaStream} stream
 * @param {import('../link/encoding.js').Encoding} options
 * @returns {{ sender: RTCRtpSender, plan: import('./plan.js').LayerPlan, wished: import('./plan.js').LayerPlan }}
 */
export function addVideo(connection, track, stream, options) {
  const codec = codecFor(options.layers, options.codec);
  const plans = layerPlans({ ...options, ...sizeOf(track, options.height), codec });
  const { transceiver, plan } = firstAccepted(connection, track, stream, plans);
  try {
    preferCodec(transceiver, codec);
  } catch {
    // Then the order of the browser holds.
  }
  return { sender: transceiver.sender, plan, wished: plans[0] };
}

function firstAccepted(connection, track, stream, plans) {
  for (const plan of plans) {
    try {
      const init = { direction: 'sendonly', streams: [stream], sendEncodings: plan.encodings };
      return { transceiver: connection.addTransceiver(track, init), plan };
    } catch (error) {
      if (error.name === 'InvalidStateError') throw error; // closed; the others speak of a mode that this browser does not know
    }
  }
  return { transceiver: connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] }), plan: plans.at(-1) };
}

/**
 * Says what has become of a wish, once the server has answered; silence means that all is as wished.
 * @param {import('./plan.js').LayerPlan} wished
 * @param {import('./plan.js').LayerPlan} plan
 * @param {RTCRtpEncodingParameters[]} encodings What the sender has now.
 * @returns {string} A sentence for the broadcaster, or nothing.
 */
export function explainOutcome(wished, plan, encodings) {
  if (wished.kind === 'simulcast' && plan.kind !== 'simulcast') return 'This browser does not send several qualities; it sends one.';
  if (wished.kind === 'svc' && plan.kind !== 'svc') return 'This browser does not know SVC for this codec; it sends one quality.';
  if (plan.kind === 'simulcast' && encodings.length < plan.encodings.length) {
    return encodings.length > 1 ? `Only ${encodings.length} qualities are sent; the browser or the server takes no more.`
      : 'One quality is sent; the browser or the server takes no more.';
  }
  // Firefox does not know the parameter and leaves it out silently.
  const mode = plan.encodings[0].scalabilityMode;
  if (plan.kind === 'svc' && encodings[0]?.scalabilityMode !== mode) return 'This browser does not know SVC; it sends one quality.';
  return '';
}
