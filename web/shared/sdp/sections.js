/**
 * Cuts a session description into its session part and media sections.
 * @param {string} sdp With CRLF or LF line ends.
 * @returns {{ session: string[], media: string[][] }} Lines without line ends.
 */
export function splitSections(sdp) {
  const session = [];
  const media = [];
  for (const line of sdp.split(/\r\n|\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) media.push([]);
    (media.at(-1) ?? session).push(line);
  }
  return { session, media };
}

/**
 * The inverse of {@link splitSections}.
 * @param {{ session: string[], media: string[][] }} sections
 * @returns {string} With CRLF line ends.
 */
export function joinSections({ session, media }) {
  return [...session, ...media.flat(), ''].join('\r\n');
}

/**
 * The value of the first line with this prefix.
 * @param {string[]} lines
 * @param {string} prefix For example `a=ice-ufrag:`.
 * @returns {string | undefined}
 */
export function valueOf(lines, prefix) {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length).trim();
}
