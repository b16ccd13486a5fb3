/**
 * What there is of a recording to be played, and where. Pure. Positions are seconds on the recording's own timeline.
 *
 * @typedef {{ url: string, type: string, start: number, duration: number, width: number, height: number }} Part
 * @typedef {{ at: number, name: string }} Chapter
 * @typedef {{ at: number, duration: number, missing: string[], reason: string }} Gap
 */

/** A step over less than this is no gap: two parts seldom meet to the millisecond. */
const seam = 0.3;

export class Timeline {
  /** @param {any} index As `/vod/<id>/index.json` says it. */
  constructor(index) {
    this.index = index;
    /** @type {(Part & { name: string })[]} Whole files that seek by themselves; empty while there are segments only. */
    this.files = [...(index.files ?? [])].filter(({ type }) => type).sort((a, b) => a.start - b.start);
    /** @type {any[]} */
    this.segments = [...(index.segments ?? [])].sort((a, b) => a.start - b.start);
    /** @type {Gap[]} */
    this.gaps = index.gaps ?? [];
    /** @type {Chapter[]} */
    this.chapters = index.chapters ?? [];
  }

  /** Up to where it is known, for `?since=` of the index: the number of the last segment, and bytes of it. */
  get place() {
    const last = this.segments.at(-1);
    return last && `${last.number},${last.boundaries.at(-1)?.[1] ?? 0}`;
  }

  /**
   * This timeline and what came after it.
   * @param {any} index As `/vod/<id>/index.json?since=` says it.
   * @returns {Timeline}
   */
  grown(index) {
    if (index.state === 'ready') return new Timeline(index);
    const last = this.segments.at(-1);
    // What the index does not name any more of the last one on, is no more: there was nothing in it.
    const told = new Set(index.segments.map(({ number }) => number));
    const before = this.segments.filter(({ number }) => number < last?.number && !told.has(number));
    const after = index.segments.map((segment) => {
      if (segment.number !== last?.number) return segment;
      const known = last.boundaries.at(-1)?.[1] ?? 0;
      return { ...segment, boundaries: [...last.boundaries, ...segment.boundaries.filter(([, bytes]) => bytes > known)] };
    });
    return new Timeline({ ...index, segments: [...before, ...after] });
  }

  /** True while the recording grows. */
  get isGrowing() {
    return this.index.state === 'recording';
  }

  /** True when it is played from segments: there are no finished files yet. */
  get isSegmented() {
    return this.files.length === 0 && this.segments.length > 0;
  }

  /** Seconds, up to the end of what can be played. */
  get duration() {
    return [...this.files, ...this.segments].reduce((end, { start, duration }) => Math.max(end, start + duration), 0);
  }

  /**
   * The files to be played one after the other. Of those of the same stretch (the same picture in another container) the first that
   * the browser plays.
   * @param {(type: string) => boolean} plays
   * @returns {(Part & { name: string })[]}
   */
  playlist(plays) {
    const chosen = [];
    for (const file of this.files) {
      const rival = chosen.findIndex((other) => Math.abs(other.start - file.start) < seam);
      if (rival < 0) chosen.push(file);
      else if (!plays(chosen[rival].type) && plays(file.type)) chosen[rival] = file;
    }
    return chosen;
  }

  /** How long a gap goes on at a position; 0 outside of gaps in which there is neither picture nor sound. */
  gapAfter(position) {
    const gap = this.gaps.find(({ at, duration, missing }) => missing.length > 1 && position >= at - seam && position < at + duration);
    return gap ? gap.at + gap.duration - position : 0;
  }

  /** The preview picture of a position: which sheet, and where on it; undefined where there is none. */
  preview(position) {
    const preview = (this.index.previews ?? []).find(({ start, duration }) => position >= start && position <= start + duration);
    if (!preview || preview.tiles === 0) return undefined;
    const { interval, tileWidth, tileHeight, columns, rows, tiles, sprites } = preview;
    const tile = Math.min(Math.floor((position - preview.start) / interval), tiles - 1);
    const onSheet = tile % (columns * rows);
    return {
      url: sprites[Math.floor(tile / (columns * rows))],
      x: (onSheet % columns) * tileWidth, y: Math.floor(onSheet / columns) * tileHeight, width: tileWidth, height: tileHeight,
    };
  }
}

/**
 * The part in which a position lies; between two parts the next one, after the last one the last.
 * @template {{ start: number, duration: number }} T
 * @param {T[]} parts In order.
 * @param {number} position
 * @returns {number} −1 when there is none.
 */
export function partAt(parts, position) {
  const found = parts.findIndex(({ start, duration }) => position < start + duration);
  return found < 0 ? parts.length - 1 : found;
}

/**
 * Where in a segment one must begin to read, to show a position: the last boundary before it.
 * @param {{ boundaries: [number, number][] }} segment
 * @param {number} offset Seconds from the segment's start on.
 * @returns {{ byte: number, time: number }}
 */
export function entryPoint({ boundaries }, offset) {
  let entry = { byte: 0, time: 0 };
  for (const [time, byte] of boundaries) {
    if (time > offset) break;
    entry = { byte, time };
  }
  return entry;
}

/**
 * Bytes of what comes before the media in a segment: the tracks and their formats, without which nothing after them can be read.
 * @param {Uint8Array} head The beginning of the file.
 * @returns {number | undefined} undefined when the end of that is not within.
 */
export function initLength(head) {
  const cluster = indexOf(head, [0x1f, 0x43, 0xb6, 0x75]); // Matroska: Cluster
  if (cluster !== undefined && head[0] === 0x1a) return cluster;
  const fragment = indexOf(head, [0x6d, 0x6f, 0x6f, 0x66]); // ISO BMFF: the type of a box, after its length
  return fragment === undefined ? undefined : fragment - 4;
}

function indexOf(bytes, wanted) {
  for (let i = 0; i + wanted.length <= bytes.length; i++) {
    if (wanted.every((value, n) => bytes[i + n] === value)) return i;
  }
  return undefined;
}
