import { joinSections, splitSections } from './sections.js';

/**
 * Declares that this side wants Opus in stereo (RFC 7587 §7.1). libwebrtc decodes mono unless its own
 * description says so, and there is no API for it; hence the edit.
 * @param {string} sdp An offer before setLocalDescription.
 * @returns {string}
 */
export function withOpusStereo(sdp) {
  const sections = splitSections(sdp);
  const media = sections.media.map((lines) => lines[0].startsWith('m=audio') ? stereoLines(lines) : lines);
  return joinSections({ ...sections, media });
}

function stereoLines(lines) {
  const opus = lines.map((line) => /^a=rtpmap:(\d+) opus\//i.exec(line)?.[1]).filter(Boolean);
  const described = new Set(lines.map((line) => /^a=fmtp:(\d+) /.exec(line)?.[1]));
  return lines.flatMap((line) => {
    const format = /^a=fmtp:(\d+) (.*)$/.exec(line);
    if (format && opus.includes(format[1])) {
      const others = format[2].split(';').map((p) => p.trim()).filter((p) => p && !/^stereo\s*=/i.test(p));
      return [`a=fmtp:${format[1]} ${[...others, 'stereo=1'].join(';')}`];
    }
    const type = /^a=rtpmap:(\d+) opus\//i.exec(line)?.[1];
    return type && !described.has(type) ? [line, `a=fmtp:${type} stereo=1`] : [line];
  });
}
