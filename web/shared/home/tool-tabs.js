import { makeCopyButton } from '../ui/copy.js';
import { element } from '../ui/element.js';

/**
 * Fills the tabs with instructions (WAI-ARIA tabs: arrow keys move and select).
 * @param {HTMLElement} section
 * @param {{ name: string, steps: string, code: string }[]} tools
 */
export function showTools(section, tools) {
  const list = section.querySelector('[role=tablist]');
  const panel = section.querySelector('[role=tabpanel]');
  const tabs = tools.map((tool, index) => element('button', {
    class: 'tab', role: 'tab', type: 'button', id: `tool-${index}`, 'aria-controls': panel.id, onclick: () => select(index),
  }, tool.name));
  list.append(...tabs);
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
    select(next);
    tabs[next].focus();
  });
  select(0);

  function select(chosen) {
    tabs.forEach((tab, index) => {
      tab.ariaSelected = String(index === chosen);
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', tabs[chosen].id);
    const { steps, code } = tools[chosen];
    const copy = element('button', { class: 'button little', type: 'button' }, element('span', { class: 'label', 'aria-live': 'polite' }, 'Copy'));
    makeCopyButton(copy, () => code);
    panel.replaceChildren(element('p', { class: 'soft small' }, steps), element('pre', { tabIndex: 0 }, element('code', {}, code)), copy);
  }
}
