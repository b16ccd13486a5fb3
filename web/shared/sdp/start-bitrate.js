import { joinSections, splitSections } from './sections.js';

/**
 * Tells libwebrtc where to begin its estimate of the upload. Its own beginning, 300 kbit/s, makes it shrink the first
 * pictures to a quarter or less, and it takes half a minute to grow them again, however fast the network is.
 * @param {string} sdp An answer before setRemoteDescription.
 * @param {number} bitsPerSecond
 * @returns {string}
 */
export function withStartBitrate(sdp, bitsPerSecond) {
  const parameter = `x-google-start-bitrate=${Math.round(bitsPerSecond / 1000)}`;
  const sections = splitSections(sdp);
  const media = sections.media.map((lines) => lines[0].startsWith('m=video') ? videoLines(lines, parameter) : lines);
  return joinSections({ ...sections, media });
}

function videoLines(lines, parameter) {
  const formats = lines.map((line) => /^a=rtpmap:(\d+) (?!rtx|red|ulpfec|flexfec)/i.exec(line)?.[1]).filter(Boolean);
  const described = new Set(lines.map((line) => /^a=fmtp:(\d+) /.exec(line)?.[1]));
  return lines.flatMap((line) => {
    if (formats.includes(/^a=fmtp:(\d+) /.exec(line)?.[1])) return [`${line};${parameter}`];
    const format = /^a=rtpmap:(\d+) /.exec(line)?.[1];
    return formats.includes(format) && !described.has(format) ? [line, `a=fmtp:${format} ${parameter}`] : [line];
  });
}
