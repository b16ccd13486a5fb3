import { element } from '../../shared/ui/element.js';
import { ordered } from './order.js';
import { windowOf } from './window.js';

const rowHeight = 44;

/**
 * A column.
 * @typedef {{ name: string, title: string, value: (row: any) => any, show?: (row: any) => string, number?: boolean, wide?: boolean, badge?: (row: any) => string }} Column
 *   value: what it is sorted by; show: what is written, the value itself otherwise; wide: left out where there is little room; badge: a class of badge.
 */

/**
 * A table of any length that can be sorted and filtered; only the rows in view are in the document.
 * The first column is the name of the row, a button that chooses it.
 */
export class VirtualTable {
  #columns;
  #choose;
  #scroll = element('div', { class: 'scroll', tabIndex: 0 });
  #body = element('tbody');
  #table = element('table');
  #none;
  #status;
  #rows = [];
  #ordered = [];
  #shown = new Map();
  #sorting;
  #filter = '';
  #chosen;

  /**
   * @param {HTMLElement} place Where it goes.
   * @param {{ label: string, none: string, filterLabel?: string, columns: Column[], sorting: { name: string, descending: boolean }, choose?: (row: any) => void }} options
   *   none: what is said when there are no rows.
   */
  constructor(place, { label, none, filterLabel, columns, sorting, choose }) {
    this.#columns = columns;
    this.#choose = choose;
    this.#sorting = sorting;
    this.#none = element('p', { class: 'soft none', hidden: true }, none);
    this.#status = element('p', { class: 'soft small count', role: 'status' });
    this.#scroll.setAttribute('role', 'region');
    this.#scroll.setAttribute('aria-label', label);
    this.#table.setAttribute('aria-label', label);
    this.#table.append(element('thead', {}, element('tr', {}, ...columns.map((column) => this.#header(column)))), this.#body);
    this.#scroll.append(this.#table);
    this.#scroll.addEventListener('scroll', () => this.#show(), { passive: true });
    new ResizeObserver(() => this.#show()).observe(this.#scroll);
    const input = element('input', { type: 'text', placeholder: 'Filter', autocomplete: 'off' });
    input.setAttribute('aria-label', filterLabel ?? `Filter ${label.toLowerCase()}`);
    input.addEventListener('input', () => {
      this.#filter = input.value;
      this.#scroll.scrollTop = 0;
      this.#order();
    });
    place.append(element('div', { class: 'filter' }, input, this.#status), this.#scroll, this.#none);
  }

  /** @param {Iterable<any>} rows Each with an `id`; one that has changed is another object. */
  update(rows) {
    this.#rows = [...rows];
    this.#order();
  }

  /** @param {string | undefined} id The row that is marked. */
  mark(id) {
    this.#chosen = id;
    for (const [shown, { row }] of this.#shown) row.setAttribute('aria-current', String(shown === id));
  }

  #header(column) {
    const button = element('button', { class: 'sort', type: 'button' }, column.title);
    button.addEventListener('click', () => {
      const { name, descending } = this.#sorting;
      this.#sorting = { name: column.name, descending: name === column.name ? !descending : column.number === true };
      this.#order();
    });
    const cell = element('th', { scope: 'col', class: classOf(column) }, button);
    cell.dataset.column = column.name;
    return cell;
  }

  #order() {
    const column = this.#columns.find(({ name }) => name === this.#sorting.name);
    for (const cell of this.#table.tHead.rows[0].cells) {
      if (cell.dataset.column === column.name) cell.setAttribute('aria-sort', this.#sorting.descending ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
    this.#ordered = ordered(this.#rows, {
      filter: this.#filter, descending: this.#sorting.descending, value: column.value, text: (row) => this.#columns.map((each) => textOf(each, row)).join(' '),
    });
    this.#table.setAttribute('aria-rowcount', String(this.#ordered.length + 1));
    this.#none.hidden = this.#rows.length > 0;
    this.#scroll.hidden = this.#rows.length === 0;
    const count = this.#ordered.length === this.#rows.length ? String(this.#rows.length) : `${this.#ordered.length} of ${this.#rows.length}`;
    if (this.#status.textContent !== count) this.#status.textContent = count;
    this.#show();
  }

  #show() {
    if (this.#scroll.clientHeight === 0) return;
    const { first, end } = windowOf({ count: this.#ordered.length, rowHeight, top: this.#scroll.scrollTop, height: this.#scroll.clientHeight });
    const before = this.#shown;
    this.#shown = new Map();
    const rows = [];
    for (let index = first; index < end; index++) {
      const data = this.#ordered[index];
      const entry = before.get(data.id) ?? this.#newRow();
      this.#fill(entry, data, index);
      this.#shown.set(data.id, entry);
      rows.push(entry.row);
    }
    // Rows that stay are not taken out on the way: one of them may have the focus.
    for (const [id, { row }] of before) if (!this.#shown.has(id)) row.remove();
    this.#keepSpace('above', first);
    this.#keepSpace('below', this.#ordered.length - end);
    let after = this.#body.querySelector('.above');
    for (const row of rows) {
      const next = after ? after.nextSibling : this.#body.firstChild;
      if (next !== row) this.#body.insertBefore(row, next);
      after = row;
    }
    const below = this.#body.querySelector('.below');
    if (below && below !== this.#body.lastChild) this.#body.append(below);
  }

  /** An empty row as high as those that are left out. */
  #keepSpace(name, count) {
    let row = this.#body.querySelector(`.${name}`);
    if (count === 0) {
      row?.remove();
      return;
    }
    if (!row) {
      row = element('tr', { class: `space ${name}`, 'aria-hidden': 'true' }, element('td', { colSpan: this.#columns.length }));
      if (name === 'above') this.#body.prepend(row);
      else this.#body.append(row);
    }
    row.firstChild.style.height = `${count * rowHeight}px`;
  }

  #newRow() {
    const cells = this.#columns.map((column, index) => element(index === 0 ? 'th' : 'td', index === 0 ? { scope: 'row', class: classOf(column) } : { class: classOf(column) }));
    const row = element('tr', {}, ...cells);
    const entry = { row, cells, data: undefined, texts: [] };
    if (this.#choose) {
      const button = element('button', { class: 'pick', type: 'button' });
      button.addEventListener('click', () => this.#choose(entry.data));
      cells[0].append(button);
    }
    return entry;
  }

  #fill(entry, data, index) {
    entry.row.setAttribute('aria-rowindex', String(index + 2));
    if (entry.data === data) return;
    entry.data = data;
    entry.row.dataset.id = data.id;
    entry.row.setAttribute('aria-current', String(data.id === this.#chosen));
    this.#columns.forEach((column, at) => {
      const text = textOf(column, data);
      const badge = column.badge?.(data);
      const written = badge === undefined ? text : `${badge}\n${text}`;
      if (entry.texts[at] === written) return;
      entry.texts[at] = written;
      const target = at === 0 && this.#choose ? entry.cells[0].firstChild : entry.cells[at];
      if (badge === undefined) target.textContent = text;
      else target.replaceChildren(element('span', { class: `badge ${badge}` }, text));
    });
  }
}

function textOf({ value, show }, row) {
  return show ? show(row) : String(value(row) ?? '–');
}

function classOf({ number, wide }) {
  return [number && 'number', wide && 'wide'].filter(Boolean).join(' ');
}
