/**
 * A table that follows the server's: rows as objects, kept up to date by what has changed.
 * A row that changes becomes another object, so that who keeps one can see by comparison that it has changed.
 */
export class Table {
  #columns;
  #rows = new Map();

  /** @param {string[]} columns */
  constructor(columns) {
    this.#columns = columns;
  }

  /** @returns {Map<string, any>} By id; each row has its `id` too. */
  get rows() {
    return this.#rows;
  }

  /**
   * Takes an update.
   * @param {[removed: string[], rows: [id: string, columns: number, ...cells: any[]][]]} change
   * @returns {boolean} Whether anything is different.
   */
  apply([removed, rows]) {
    for (const id of removed) this.#rows.delete(id);
    for (const [id, columns, ...cells] of rows) this.#rows.set(id, this.#merge(id, columns, cells));
    return removed.length > 0 || rows.length > 0;
  }

  clear() {
    this.#rows.clear();
  }

  #merge(id, columns, cells) {
    if (columns === -1) return Object.fromEntries([['id', id], ...this.#columns.map((name, index) => [name, cells[index]])]);
    const row = { ...this.#rows.get(id) };
    let next = 0;
    for (let index = 0; index < this.#columns.length; index++) {
      if (columns & (1 << index)) row[this.#columns[index]] = cells[next++];
    }
    return row;
  }
}

/**
 * Brings an update into tables.
 * @param {Table[]} tables
 * @param {[number: number, since: number, at: number, tables: any[]]} update One since 0 is everything: what was known before is forgotten.
 * @returns {boolean[]} Which tables have changed.
 */
export function applyUpdate(tables, [, since, , changes]) {
  return tables.map((table, index) => {
    if (since === 0) table.clear();
    return table.apply(changes[index]) || since === 0;
  });
}
