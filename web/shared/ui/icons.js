/** Icons of 24 × 24 units, drawn for this product: round strokes in the colour of the text. */
const shapes = {
  play: '<path d="M8 5.5v13l10.5-6.5z" fill="currentColor"/>',
  pause: '<path d="M8.5 6v12M15.5 6v12" stroke-width="3"/>',
  sound: '<path d="M4 9.8v4.4h3.2L12 18V6L7.2 9.800z" fill="currentColor"/><path d="M15.5 9.300a4 4 0 0 1 0 5.400M18 6.800a7.5 7.5 0 0 1 0 10.4"/>',
  muted: '<path d="M4 9.800v4.400h3.200L12 18V6L7.2 9.800z" fill="currentColor"/><path d="m15.8 9.8 4.4 4.400m0-4.4-4.4 4.4"/>',
  fullscreen: '<path d="M9 4.500H4.500V9M15 4.500h4.500V9M9 19.500H4.500V15M15 19.500h4.500V15"/>',
  shrink: '<path d="M4.5 9H9V4.500M19.5 9H15V4.500M4.5 15H9v4.500M19.5 15H15v4.5"/>',
  pip: '<rect x="3.5" y="5" width="17" height="14" rx="2"/><rect x="11.5" y="11.5" width="6.5" height="5" rx="1" fill="currentColor"/>',
  stats: '<path d="M4 19.500h16M6.5 16v-3.500M11 16V8.500M15.5 16v-5.500M20 16V5.5"/>',
  viewers: '<circle cx="9" cy="8.5" r="3.2"/><path d="M3 19c.3-3.4 2.7-5.5 6-5.500s5.7 2.1 6 5.500M15.5 5.600a3.2 3.2 0 0 1 0 5.800M17.5 14c2 .8 3.3 2.5 3.5 5"/>',
  camera: '<rect x="3" y="6.5" width="12.5" height="11" rx="2.5"/><path d="m15.5 11 5.5-3v8l-5.5-3z"/>',
  screen: '<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20h7M12 16.500V20"/>',
  microphone: '<rect x="9" y="3.5" width="6" height="11" rx="3"/><path d="M5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3"/>',
  copy: '<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 8.500v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>',
  check: '<path d="m5 12.5 4.5 4.500L19 7.5"/>',
  warning: '<path d="M12 4.5 21 19.500H3zM12 10.500v4M12 17v.01"/>',
  link: '<path d="m10 14 4-4M8.5 11 6 13.500a3.2 3.2 0 0 0 4.5 4.500L13 15.500M15.5 13l2.5-2.500A3.2 3.2 0 0 0 13.5 6L11 8.5"/>',
  stop: '<rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="currentColor"/>',
  live: '<circle cx="12" cy="12" r="2.6" fill="currentColor"/><path d="M7.8 7.800a6 6 0 0 0 0 8.400M16.2 7.800a6 6 0 0 1 0 8.400M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14"/>',
  rewind: '<path d="M4.5 12a7.500 7.500 0 1 0 2.4-5.500M4.500 4.500v4h4M12 8v4.300l3 1.800"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
};

/**
 * Markup of an icon; it is decoration, so the name of a button must come from elsewhere.
 * @param {keyof typeof shapes} name
 * @returns {string} SVG
 */
export function icon(name) {
  return `<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" fill="none"`
    + ` stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">${shapes[name]}</svg>`;
}

/**
 * Fills every `<span data-icon="name">` below an element.
 * @param {ParentNode} root
 */
export function fillIcons(root = document) {
  for (const place of root.querySelectorAll('[data-icon]')) place.innerHTML = icon(place.dataset.icon);
}
