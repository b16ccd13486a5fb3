/**
 * Which rows of a long table have to be there: those in view, and some more on either side, so that scrolling finds them.
 * @param {{ count: number, rowHeight: number, top: number, height: number, spare?: number }} view top: how far it is scrolled.
 * @returns {{ first: number, end: number }} end is one past the last.
 */
export function windowOf({ count, rowHeight, top, height, spare = 6 }) {
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight), count) - spare);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + spare);
  return { first, end: Math.max(first, end) };
}
