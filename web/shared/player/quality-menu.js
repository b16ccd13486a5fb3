import { qualityMenu } from '../layers/qualities.js';
import { element } from '../ui/element.js';
import { icon } from '../ui/icons.js';

/** What lies below the menu, and a little air above it. */
const bottomPx = 60;

/**
 * The button that says which quality is shown, and the menu behind it (menu button pattern of the ARIA authoring
 * practices). Hidden while there is nothing to choose.
 */
export class QualityMenu {
  #place;
  #button;
  #menu;
  #onChoose;
  #onToggle;
  #shown;
  #outside = (event) => { if (!event.composedPath().includes(this.#place)) this.#close(); };

  /**
   * @param {ShadowRoot} root
   * @param {(quality: import('../layers/qualities.js').Quality) => void} onChoose
   * @param {() => void} onToggle Called when the menu opens and when it closes.
   */
  constructor(root, onChoose, onToggle = () => {}) {
    this.#place = root.querySelector('.quality');
    this.#button = this.#place.querySelector('.choose');
    this.#menu = this.#place.querySelector('.menu');
    this.#onChoose = onChoose;
    this.#onToggle = onToggle;
    this.#button.addEventListener('click', () => (this.open ? this.#close() : this.#show()));
    this.#menu.addEventListener('click', (event) => this.#choose(event.target.closest('button')));
    this.#place.addEventListener('keydown', (event) => this.#onKey(event));
    this.#place.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !this.#place.contains(relatedTarget)) this.#close();
    });
  }

  /**
   * @param {import('../layers/qualities.js').Quality} quality What was chosen.
   * @param {import('../layers/layers-event.js').Layers} layers
   * @param {string} why A sentence about what is shown; it stands below what was chosen.
   */
  show(quality, layers, why = '') {
    const model = qualityMenu(quality, layers);
    this.#showItems(model);
    this.#showReason(why);
  }

  #showItems(model) {
    // Rates change every second; a menu that is being read should not.
    const state = JSON.stringify(this.open ? { ...model, items: model.items.map(({ detail, ...item }) => item) } : model);
    if (state === this.#shown) return;
    this.#shown = state;
    this.#place.hidden = model.items.length === 0;
    if (this.#place.hidden) this.#close();
    this.#paintButton(model);
    const focused = this.#items.indexOf(this.#menu.getRootNode().activeElement);
    this.#menu.replaceChildren(...model.items.map(item));
    if (focused >= 0) this.#focus(Math.min(focused, this.#items.length - 1));
  }

  /** In its place: an item that has the focus keeps it, whatever the estimate of the network does. */
  #showReason(why) {
    const place = this.#menu.querySelector('[aria-checked=true] .why');
    if (place && place.textContent !== why) place.textContent = why;
    const title = why ? `Quality: ${why}` : 'Quality';
    if (this.#button.title !== title) this.#button.title = title;
  }

  /** Whether it is being looked at. */
  get open() {
    return !this.#menu.hidden;
  }

  get #items() {
    return [...this.#menu.children];
  }

  #paintButton({ automatic, now }) {
    // Where there is little room “Auto (” and “)” are only heard.
    const text = automatic && now ? [element('span', { class: 'auto' }, 'Auto ('), now, element('span', { class: 'auto' }, ')')]
      : [automatic ? 'Auto' : now];
    this.#button.replaceChildren(element('span', { class: 'sr' }, 'Quality: '), ...text);
  }

  #show() {
    this.#menu.hidden = false;
    this.#menu.style.maxHeight = `${this.#menu.getRootNode().host.clientHeight - bottomPx}px`;
    this.#button.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', this.#outside);
    this.#focus(this.#items.findIndex((entry) => entry.getAttribute('aria-checked') === 'true'));
    this.#onToggle();
  }

  #close() {
    if (!this.open) return;
    const inside = this.#menu.contains(this.#menu.getRootNode().activeElement);
    this.#menu.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', this.#outside);
    if (inside) this.#button.focus();
    this.#onToggle();
  }

  #choose(chosen) {
    if (!chosen) return;
    this.#close();
    this.#onChoose(chosen.dataset.quality);
  }

  #focus(index) {
    const items = this.#items;
    items[(index + items.length) % items.length]?.focus();
  }

  #onKey(event) {
    const at = this.#items.indexOf(this.#menu.getRootNode().activeElement);
    const action = this.open
      ? { ArrowDown: () => this.#focus(at + 1), ArrowUp: () => this.#focus(at - 1), Home: () => this.#focus(0), End: () => this.#focus(-1), Escape: () => this.#close() }
      : { ArrowDown: () => this.#show(), ArrowUp: () => this.#show() };
    if (this.open && event.key === 'Tab') this.#close(); // and the focus moves on from the button
    if (!action[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    action[event.key]();
  }
}

function item({ quality, label, detail, checked }) {
  const button = element('button', {
    type: 'button', tabIndex: -1, 'aria-checked': String(checked), 'data-quality': quality,
  });
  button.setAttribute('role', 'menuitemradio');
  button.innerHTML = icon('check');
  button.append(element('span', {}, label));
  if (detail) button.append(element('span', { class: 'detail' }, detail));
  if (checked) button.append(element('span', { class: 'why' }));
  return button;
}
