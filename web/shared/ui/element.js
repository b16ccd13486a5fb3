/**
 * Makes an element. Text goes in as text, never as markup.
 * @param {string} name
 * @param {Record<string, any>} [properties] `class` and names with a dash are attributes, the rest properties.
 * @param {...(Node | string | number)} children
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'class' || key.includes('-')) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.map((child) => (typeof child === 'number' ? String(child) : child)));
  return made;
}
