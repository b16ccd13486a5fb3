/**
 * Tabs and their panels, by the pattern of the ARIA guide: arrows move, the chosen one is in the order of tabbing.
 * @param {HTMLElement} list Has buttons with `role="tab"` and `aria-controls`.
 * @param {(name: string) => void} chosen Told the panel's id.
 * @returns {{ current: () => string, choose: (panel: string) => void }}
 */
export function tabs(list, chosen) {
  const buttons = [...list.querySelectorAll('[role=tab]')];
  const panelOf = (button) => button.getAttribute('aria-controls');
  let current;
  const choose = (button) => {
    current = panelOf(button);
    for (const each of buttons) {
      each.setAttribute('aria-selected', String(each === button));
      each.tabIndex = each === button ? 0 : -1;
      document.getElementById(panelOf(each)).hidden = each !== button;
    }
    chosen(current);
  };
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('[role=tab]');
    if (button) choose(button);
  });
  list.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const button = buttons[(to + buttons.length) % buttons.length];
    button.focus();
    choose(button);
  });
  choose(buttons[0]);
  return { current: () => current, choose: (panel) => choose(buttons.find((button) => panelOf(button) === panel)) };
}
