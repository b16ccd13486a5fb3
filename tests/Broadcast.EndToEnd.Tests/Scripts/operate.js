// What a person reads and presses on the operators' page.
globalThis.operate = {
  tab: (panel) => document.querySelector(`[aria-controls=${panel}]`).click(),
  rows: (panel) => [...document.querySelectorAll(`#${panel} tbody tr[data-id]`)].map((row) => row.dataset.id),
  text: (panel) => document.querySelector(`#${panel}`).innerText,
  cell: (panel, id, title) => {
    const table = document.querySelector(`#${panel} table`);
    const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === title);
    return document.querySelector(`#${panel} tr[data-id="${id}"]`)?.cells[at].textContent;
  },
  pick: (panel, id) => document.querySelector(`#${panel} tr[data-id="${id}"] .pick`).click(),
  tree: (node) => [...document.querySelectorAll('#details .place')].find((place) => place.querySelector('strong').textContent === node)?.innerText ?? '',
  fact: (name) => [...document.querySelectorAll('#details .facts dt')].find((term) => term.textContent === name)?.nextSibling.textContent ?? '',
  press: (label) => {
    const button = [...document.querySelectorAll('#details .actions button')].find((each) => each.textContent === label);
    button?.click();
    return button !== undefined;
  },
};
