/** Edges that are drawn at most; beyond these the busiest are. */
export const mostEdges = 400;

/** One that is drawn is so as long as it is among these; or edges that are about as busy would come and go all the time. */
const stillBusy = 2 * mostEdges;

/** How long an edge takes to come, to go, or to move to another parent, in milliseconds. */
const duration = 700;

/**
 * Edges on their way: what is there, what has come, what goes. An edge is named by who is fed, so that one that gets another parent moves
 * there instead of vanishing.
 */
export class Scene {
  #edges = new Map();

  /** @returns {Iterable<Edge>} */
  get edges() {
    return this.#edges.values();
  }

  /** True for an edge that is there to stay. */
  has(key) {
    return this.#edges.get(key)?.gone === false;
  }

  /** True while something moves. */
  isMoving(now) {
    for (const edge of this.#edges.values()) if (now < edge.since + duration) return true;
    return false;
  }

  /**
   * Takes the edges as they are now.
   * @param {{ key: string, from: string, to: string, dashed: boolean, row: any }[]} wanted
   * @param {number} now In milliseconds.
   * @param {boolean} still Without motion.
   */
  update(wanted, now, still) {
    const begun = still ? -Infinity : now;
    const present = new Set();
    for (const edge of wanted) {
      present.add(edge.key);
      const known = this.#edges.get(edge.key);
      if (!known || known.gone) this.#edges.set(edge.key, { ...edge, before: undefined, gone: false, since: begun });
      else if (known.from !== edge.from) this.#edges.set(edge.key, { ...edge, before: known.from, gone: false, since: begun });
      else Object.assign(known, edge);
    }
    for (const [key, edge] of this.#edges) {
      if (present.has(key)) continue;
      if (!edge.gone) Object.assign(edge, { gone: true, since: begun });
      if (now >= edge.since + duration) this.#edges.delete(key);
    }
  }

  clear() {
    this.#edges.clear();
  }
}

/**
 * How far an edge has come on its way: 0 at its beginning, 1 when it is there; and how much of it is seen.
 * @param {Edge} edge
 * @param {number} now
 */
export function progressOf({ since, gone, before }, now) {
  const linear = Math.min(1, Math.max(0, (now - since) / duration));
  const moved = 1 - (1 - linear) ** 3;
  return { moved, seen: gone ? 1 - moved : before === undefined ? moved : 1 };
}

/**
 * Which edges to draw: of the stream that is followed, or else the links between nodes.
 * @param {Map<string, any>} links
 * @param {Map<string, any> | undefined} places Of the followed stream.
 * @param {(key: string) => boolean} isDrawn
 */
export function edgesOf(links, places, isDrawn = () => false) {
  if (places) {
    return [...places.values()].flatMap((place) => [
      ...(place.parent ? [{ key: place.id, from: place.parent, to: place.id, dashed: false, row: place }] : []),
      ...(place.standby ? [{ key: `${place.id} standby`, from: place.standby, to: place.id, dashed: true, row: place }] : []),
    ]);
  }
  return busiest([...links.values()], isDrawn).map((row) => ({ key: row.id, from: row.parent, to: row.child, dashed: row.streams === 0, row }));
}

function busiest(rows, isDrawn) {
  if (rows.length <= mostEdges) return rows;
  rows.sort((a, b) => b.bits - a.bits);
  const kept = rows.slice(0, stillBusy).filter(({ id }) => isDrawn(id));
  const others = rows.filter(({ id }) => !isDrawn(id));
  return [...kept, ...others].slice(0, mostEdges);
}

/**
 * @typedef {{ key: string, from: string, to: string, before?: string, dashed: boolean, row: any, gone: boolean, since: number }} Edge
 *   before: the parent that it comes from while it moves.
 */
