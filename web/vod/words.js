/** @param {{ title: string, stream: string }} recording */
export const titleOf = ({ title, stream }) => title || stream;

/**
 * A date as people say it.
 * @param {string} startedAt ISO 8601.
 */
export function describeWhen(startedAt) {
  return new Date(startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/**
 * What a badge says of a recording that is not simply there.
 * @param {{ state: string, error?: string | null }} recording
 * @returns {{ text: string, kind: 'live' | 'plain' }}
 */
export function stateBadge({ state }) {
  switch (state) {
    case 'recording': return { text: 'Recording', kind: 'live' };
    case 'interrupted': return { text: 'Interrupted', kind: 'plain' };
    case 'finishing': return { text: 'Being finished', kind: 'plain' };
    case 'failed': return { text: 'Failed', kind: 'plain' };
    default: return { text: '', kind: 'plain' };
  }
}

/** Sentences for gaps. */
const reasons = {
  lost: 'lost on the way',
  publisherAway: 'the broadcaster was away',
  recorderRestarted: 'the recorder was restarted',
  storageFailed: 'the disk could not be written',
  undecodable: 'it could not be understood',
};

/** @param {import('../shared/vod/timeline.js').Gap} gap */
export function describeGap({ missing, reason }) {
  const what = missing.length > 1 ? 'Picture and sound' : missing[0] === 'video' ? 'Picture' : 'Sound';
  return `${what} missing: ${reasons[reason] ?? reason}`;
}

/**
 * Seconds of `1:02:03`, `2:03` or `12.5`.
 * @param {string} text
 * @returns {number} NaN for anything else.
 */
export function parseMoment(text) {
  const parts = text.trim().split(':');
  if (parts.length > 3 || parts.some((part, index) => !/^\d+$/.test(index === parts.length - 1 ? part.replace(/[.,]\d+$/, '') : part))) return NaN;
  return parts.reduce((seconds, part) => seconds * 60 + Number(part.replace(',', '.')), 0);
}
