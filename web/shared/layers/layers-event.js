/**
 * One quality of the video.
 * @typedef {{ encodingId?: string, spatialLayerId: number, width: number, height: number, framesPerSecond?: number,
 *   bitsPerSecond?: number, active: boolean }} Layer
 *   encodingId is absent without simulcast; width and height are 0 when unknown.
 *
 * What this session gets.
 * @typedef {{ encodingId?: string, spatialLayerId: number, temporalLayerId: number, width: number, height: number,
 *   automatic: boolean, paused: boolean, limit: string }} Selected
 *   limit: `none`, `viewer`, `bandwidth`, `node`, `policy`, `proof` or `keyframe`.
 *
 * @typedef {{ mediaId?: string, layers: Layer[], selected?: Selected, known: boolean }} Layers
 *   layers: the best first; known: the server said something about video, if only that there is none.
 */

/** @type {Layers} */
export const noLayers = { layers: [], known: false };

/**
 * Reads the data of a `layers` event. Drafts up to ietf-01 and this server say `{ active, inactive, layers }` for each
 * m-line, later drafts a bare array of layers; what cannot be read is left out.
 * @param {any} data
 * @returns {Layers} Of the first m-line that has any.
 */
export function readLayers(data) {
  const lines = Object.entries(data ?? {}).filter(([, line]) => line !== null && typeof line === 'object');
  if (lines.length === 0) return noLayers;
  const [mediaId, line] = lines.find(([, candidate]) => listOf(candidate).length > 0) ?? lines[0];
  const entries = Array.isArray(line) ? line.map((entry) => ({ ...entry, active: entry?.bitrate > 0 })) : listOf(line);
  return { mediaId, layers: join(entries), selected: readSelected(line.selected), known: true };
}

/** Every entry with whether it is sent; the same layer may be in several lists. */
function listOf(line) {
  if (Array.isArray(line)) return line;
  const list = (name, active) => (Array.isArray(line[name]) ? line[name] : []).map((entry) => ({ ...entry, active }));
  return [...list('active', true), ...list('inactive', false), ...list('layers', true)];
}

/** Temporal layers are one quality to a viewer: entries of the same picture become one. */
function join(entries) {
  const found = new Map();
  for (const entry of entries) {
    const encodingId = text(entry.encodingId) ?? text(entry.rid) ?? text(entry.id);
    const spatialLayerId = number(entry.spatialLayerId) ?? 0;
    const key = `${encodingId ?? ''}/${spatialLayerId}`;
    const before = found.get(key);
    found.set(key, {
      encodingId,
      spatialLayerId,
      width: before?.width || (number(entry.width) ?? 0),
      height: before?.height || (number(entry.height) ?? 0),
      framesPerSecond: most(before?.framesPerSecond, number(entry.fps)),
      bitsPerSecond: most(before?.bitsPerSecond, number(entry.bitrate)),
      active: Boolean(before?.active || entry.active),
    });
  }
  return [...found.values()].sort((a, b) =>
    b.width * b.height - a.width * a.height || (b.bitsPerSecond ?? 0) - (a.bitsPerSecond ?? 0));
}

function readSelected(selected) {
  if (selected === null || typeof selected !== 'object') return undefined;
  return {
    encodingId: text(selected.encodingId),
    spatialLayerId: number(selected.spatialLayerId) ?? 0,
    temporalLayerId: number(selected.temporalLayerId) ?? 0,
    width: number(selected.width) ?? 0,
    height: number(selected.height) ?? 0,
    automatic: selected.automatic !== false,
    paused: selected.paused === true,
    limit: text(selected.limit) ?? 'none',
  };
}

const text = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value) => (Number.isFinite(value) && value >= 0 ? value : undefined);
const most = (a, b) => (a === undefined ? b : b === undefined ? a : Math.max(a, b));
