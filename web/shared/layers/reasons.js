import { formatBitrate } from '../ui/format.js';

/**
 * Why a viewer gets the picture that it gets, as a sentence for a person.
 * @param {import('./layers-event.js').Selected | undefined} selected What the server said last.
 * @param {{ quality?: import('./qualities.js').Quality, size?: { width: number, height: number }, estimatedBitsPerSecond?: number }} known
 *   quality: what the viewer chose; size: pixels in which the picture is shown; the estimate: what the server takes this network for.
 * @returns {string} Empty while the server has said nothing.
 */
export function explain(selected, { quality = 'auto', size, estimatedBitsPerSecond } = {}) {
  if (!selected) return '';
  const carries = estimatedBitsPerSecond > 0 ? `about ${formatBitrate(estimatedBitsPerSecond)}` : '';
  if (selected.paused) {
    return selected.limit === 'node' ? 'Sound only: the server is busy and has no room for one more picture.'
      : `Sound only: your network carries ${carries ? `${carries}, ` : ''}less than the smallest picture.`;
  }
  switch (selected.limit) {
    case 'none': return 'The best there is.';
    case 'viewer': return chosen(quality, size);
    case 'bandwidth': return `Your network carries ${carries ? `${carries}, not enough for more` : 'no more'}.`;
    case 'node': return 'The server is busy and has no room for a better picture.';
    case 'policy': return 'The operator limits this stream.';
    case 'keyframe': return 'Waiting for the next key picture of a better quality.';
    case 'proof': return 'A better picture fits, and is taken when it has done so for a while.';
    default: return `Limited by the server: ${selected.limit}.`;
  }
}

function chosen(quality, size) {
  if (quality !== 'auto') return `You chose ${quality}.`;
  return size ? `Shown no larger than ${size.width} × ${size.height} here.` : 'Shown no larger here.';
}

/**
 * Why there is no picture, where it says “Sound only” already.
 * @param {import('./layers-event.js').Selected | undefined} selected
 */
export function whySoundOnly(selected) {
  return selected?.limit === 'node' ? 'The server has no room for one more picture at the moment.'
    : 'This network is too slow for the picture at the moment.';
}
