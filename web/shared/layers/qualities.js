import { formatBitrate } from '../ui/format.js';

/**
 * What a viewer can choose: `auto`, or a quality such as `720p`. A quality is a wish about the picture, not the name of
 * a layer, so that it survives a reconnect and another publication.
 * @typedef {'auto' | `${number}p`} Quality
 *
 * @typedef {{ quality: Quality, label: string, layer: import('./layers-event.js').Layer }} Choice
 */

/**
 * The number before the “p”: the shorter side, so that an upright picture has the same names.
 * @param {{ width: number, height: number }} size
 */
export function linesOf({ width, height }) {
  return Math.min(width, height);
}

/**
 * Reads a quality as people write it.
 * @param {string | null | undefined} text `auto`, `720p` or `720`
 * @returns {Quality} `auto` for anything else.
 */
export function readQuality(text) {
  const [, lines] = /^\s*(\d{2,5})\s*p?\s*$/i.exec(text ?? '') ?? [];
  return lines ? `${Number(lines)}p` : 'auto';
}

/**
 * The qualities to choose from, the best first. Of several layers of the same size the one with most bits counts.
 * @param {import('./layers-event.js').Layer[]} layers
 * @returns {Choice[]} Empty when there is nothing to choose: fewer than two sizes.
 */
export function qualitiesOf(layers) {
  const choices = new Map();
  for (const layer of layers.filter(({ active, width, height }) => active && width > 0 && height > 0)) {
    const quality = `${linesOf(layer)}p`;
    const rival = choices.get(quality)?.layer;
    if (!rival || (layer.bitsPerSecond ?? 0) > (rival.bitsPerSecond ?? 0)) choices.set(quality, { quality, label: quality, layer });
  }
  return choices.size > 1 ? [...choices.values()].sort((a, b) => linesOf(b.layer) - linesOf(a.layer)) : [];
}

/**
 * The choice that comes nearest to a wish: the best that is not better, or else the least there is.
 * @param {Quality} quality Not `auto`.
 * @param {Choice[]} choices The best first.
 * @returns {Choice | undefined} undefined when there is nothing to choose.
 */
export function nearest(quality, choices) {
  return choices.find(({ layer }) => linesOf(layer) <= parseInt(quality)) ?? choices.at(-1);
}

/**
 * What to ask the server for.
 * @param {Quality} quality
 * @param {import('./layers-event.js').Layers} known What the server has said; nothing yet at first.
 * @param {{ width: number, height: number } | undefined} size Pixels in which the picture is shown; undefined: no limit.
 * @returns {Record<string, string | number>} The body for the layer resource; empty is automatic without limits.
 */
export function layerRequest(quality, known, size) {
  if (quality === 'auto') return size ? { maxWidth: size.width, maxHeight: size.height } : {};
  const choice = nearest(quality, qualitiesOf(known.layers));
  // Before the layers are known a height says the same for every picture that is not upright.
  if (!choice) return known.known ? {} : { maxHeight: parseInt(quality) };
  const { encodingId, spatialLayerId } = choice.layer;
  const siblings = known.layers.filter((layer) => layer.encodingId === encodingId).length > 1;
  return { ...(encodingId ? { encodingId } : {}), ...(siblings || !encodingId ? { spatialLayerId } : {}) };
}

/**
 * What the button says.
 * @param {Quality} quality
 * @param {import('./layers-event.js').Selected | undefined} selected
 * @returns {{ automatic: boolean, now: string }} now: `720p`, or empty when unknown
 */
export function describeQuality(quality, selected) {
  const lines = selected && !selected.paused ? linesOf(selected) : 0;
  return { automatic: quality === 'auto', now: lines > 0 ? `${lines}p` : quality === 'auto' ? '' : quality };
}

/**
 * A layer's short name, as the publisher and the statistics of both ends have it.
 * @param {{ encodingId?: string, spatialLayerId: number }} layer
 * @returns {string} `h`, `S1` or `h S1`; empty for the only layer of the only encoding.
 */
export function layerName({ encodingId, spatialLayerId }) {
  return [encodingId, spatialLayerId > 0 ? `S${spatialLayerId}` : ''].filter(Boolean).join(' ');
}

/**
 * What the menu shows.
 * @param {Quality} quality What was chosen.
 * @param {import('./layers-event.js').Layers} layers
 * @returns {{ automatic: boolean, now: string, items: { quality: Quality, label: string, detail: string, checked: boolean }[] }}
 *   items is empty when there is nothing to choose. Of several that fit a wish the nearest is checked.
 */
export function qualityMenu(quality, { layers, selected }) {
  const choices = qualitiesOf(layers);
  const { automatic, now } = describeQuality(quality, selected);
  if (choices.length === 0) return { automatic, now, items: [] };
  const chosen = automatic ? 'auto' : nearest(quality, choices).quality;
  const items = choices.map(({ quality: value, label, layer }) =>
    ({ quality: value, label, detail: layer.bitsPerSecond ? formatBitrate(layer.bitsPerSecond) : '' }));
  return {
    automatic, now,
    items: [{ quality: 'auto', label: 'Auto', detail: automatic ? now : '' }, ...items]
      .map((item) => ({ ...item, checked: item.quality === chosen })),
  };
}
