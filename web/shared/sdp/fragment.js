import { joinSections, splitSections, valueOf } from './sections.js';

/** Fragments of session descriptions that travel in PATCH requests (RFC 8840 §9, RFC 9725 §4.3). */

/**
 * Builds the body of a trickle or ICE restart request.
 * @param {string} localSdp The present local description: credentials, bundle group and mids are taken from it.
 * @param {RTCIceCandidateInit[]} candidates May be empty (a restart before anything was gathered).
 * @param {{ complete?: boolean }} options complete: gathering is over.
 * @returns {string}
 */
export function buildFragment(localSdp, candidates, { complete = false } = {}) {
  const { session, media } = splitSections(localSdp);
  const everywhere = [...session, ...media.flat()];
  const head = ['a=ice-options:trickle ice2'];
  const group = valueOf(session, 'a=group:BUNDLE');
  if (group !== undefined) head.unshift(`a=group:BUNDLE ${group}`);
  head.push(`a=ice-ufrag:${valueOf(everywhere, 'a=ice-ufrag:')}`, `a=ice-pwd:${valueOf(everywhere, 'a=ice-pwd:')}`);

  const bodies = media.map((lines, index) => {
    const mid = valueOf(lines, 'a=mid:');
    const own = candidates.filter((c) => c.candidate && (c.sdpMid != null ? c.sdpMid === mid : (c.sdpMLineIndex ?? 0) === index));
    // With everything bundled only the first section has candidates; later ones are named only if they have their own.
    if (own.length === 0 && index > 0) return [];
    return [lines[0], `a=mid:${mid}`, ...own.map((c) => `a=${c.candidate}`), ...(complete ? ['a=end-of-candidates'] : [])];
  });
  return joinSections({ session: head, media: bodies });
}

/**
 * Gives a remote description the credentials and candidates of a restart answer.
 * @param {string} remoteSdp The description in force.
 * @param {string} fragment What the server answered to the restart.
 * @returns {string}
 * @throws {Error} When the fragment has no credentials.
 */
export function applyFragment(remoteSdp, fragment) {
  const parts = splitSections(fragment);
  const lines = [...parts.session, ...parts.media.flat()];
  const ufrag = valueOf(lines, 'a=ice-ufrag:');
  const password = valueOf(lines, 'a=ice-pwd:');
  if (!ufrag || !password) throw new Error('The restart answer has no ICE credentials.');
  const fresh = lines.filter((line) => /^a=(candidate:|end-of-candidates)/.test(line));
  const { session, media } = splitSections(remoteSdp);
  const credentials = [`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`];
  return joinSections({
    session: session.filter((line) => !isIceLine(line)),
    media: media.map((section, index) => [
      ...section.filter((line) => !isIceLine(line)), ...credentials, ...(index === 0 ? [...new Set(fresh)] : []),
    ]),
  });
}

function isIceLine(line) {
  return /^a=(ice-ufrag:|ice-pwd:|candidate:|end-of-candidates)/.test(line);
}
