import { scalable } from '../shared/stats/sent-layers.js';

/** What keeps a picture from being better, by `qualityLimitationReason`. */
export const limitations = { none: 'Nothing', cpu: 'This computer', bandwidth: 'The network', other: 'The browser' };

const order = { l: 'Low', m: 'Middle', h: 'High' };

/**
 * A row of the table of qualities.
 * @param {import('../shared/stats/sent-layers.js').SentLayer} layer
 * @returns {{ name: string, picture: string, mode: string, scalable: boolean, frames: string, bitsPerSecond?: number,
 *   heldBackBy: string, sending: boolean }} scalable: several sizes in one stream.
 */
export function describeLayer(layer) {
  const { rid, width, height, framesPerSecond, bitsPerSecond, limitation, active, scalabilityMode } = layer;
  const sending = active && bitsPerSecond !== 0;
  return {
    name: width && height ? `${Math.min(width, height)}p` : order[rid] ?? rid ?? 'Picture',
    picture: width && height ? `${width} × ${height}` : '',
    mode: scalable(layer) ? scalabilityMode : '',
    scalable: scalable(layer),
    frames: framesPerSecond === undefined || !sending ? '–' : `${Math.round(framesPerSecond)} fps`,
    bitsPerSecond,
    heldBackBy: limitations[limitation] ?? '–',
    sending,
  };
}
