/**
 * Rows that contain the words of a filter, in the order of one column.
 * @param {Iterable<any>} rows
 * @param {{ text: (row: any) => string, filter: string, value: (row: any) => string | number | null | undefined, descending: boolean }} how
 *   text: in which words are looked for; equal rows are in the order of their ids.
 * @returns {any[]}
 */
export function ordered(rows, { text, filter, value, descending }) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...rows].filter((row) => words.length === 0 || words.every((word) => text(row).toLowerCase().includes(word)));
  const sign = descending ? -1 : 1;
  return found
    .map((row) => ({ row, key: value(row) }))
    .sort((a, b) => sign * compare(a.key, b.key) || compare(a.row.id, b.row.id))
    .map(({ row }) => row);
}

/** Nothing comes before everything. */
function compare(a, b) {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return Number(noB) - Number(noA);
  return a < b ? -1 : a > b ? 1 : 0;
}
