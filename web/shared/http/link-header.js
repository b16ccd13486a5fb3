/**
 * The Link header (RFC 8288) as WHIP and WHEP use it: ICE servers and protocol extensions.
 * @typedef {{ url: string, parameters: Map<string, string> }} Link
 */

// One link-value: <target> followed by parameters, whose values are tokens or quoted strings.
const linkValue = /<([^>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)/g;
const linkParameter = /;\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?/g;

/**
 * Reads a Link header; fetch joins repeated headers by commas, which is the same grammar.
 * @param {string | null | undefined} header
 * @returns {Link[]} In order of appearance; what cannot be read is left out.
 */
export function parseLinkHeader(header) {
  const links = [];
  for (const [, url, tail] of (header ?? '').matchAll(linkValue)) {
    const parameters = new Map();
    for (const [, name, quoted, token] of tail.matchAll(linkParameter)) {
      const key = name.toLowerCase();
      // RFC 8288 §3.3: the first rel counts, later ones are ignored; the rest is treated alike.
      if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
    }
    links.push({ url: url.trim(), parameters });
  }
  return links;
}

/**
 * The target of the first link with this relation.
 * @param {Link[]} links
 * @param {string} relation
 * @returns {string | undefined} Not resolved against anything.
 */
export function findRelation(links, relation) {
  return findRelations(links, relation)[0];
}

/**
 * The targets of all links with this relation.
 * @param {Link[]} links
 * @param {string} relation
 * @returns {string[]} Not resolved against anything.
 */
export function findRelations(links, relation) {
  return links.filter((link) => relations(link).includes(relation.toLowerCase())).map(({ url }) => url);
}

/**
 * ICE servers announced by the endpoint (RFC 9725 §4.6).
 * @param {Link[]} links
 * @returns {RTCIceServer[]}
 */
export function iceServersOf(links) {
  return links
    .filter((link) => relations(link).includes('ice-server') && /^(stun|turn)s?:/i.test(link.url))
    .map(({ url, parameters }) => parameters.has('username')
      ? { urls: url, username: parameters.get('username'), credential: parameters.get('credential') ?? '' }
      : { urls: url });
}

function relations(link) {
  return (link.parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
}
