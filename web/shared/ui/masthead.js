const pages = [['/', 'Live'], ['/vod', 'Recordings'], ['/publish', 'Publish'], ['/operate', 'Operate']];

/** The mark: one source, its branches, their leaves. */
const mark = `<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" aria-hidden="true">
  <path d="M9 16h5M14 16c4 0 4-9 8.5-9M14 16h8.500M14 16c4 0 4 9 8.5 9"/>
  <circle cx="6.5" cy="16" r="3.5" fill="currentColor" stroke="none"/><circle cx="25.5" cy="7" r="2.3" fill="currentColor" stroke="none"/>
  <circle cx="25.5" cy="16" r="2.3" fill="currentColor" stroke="none"/><circle cx="25.5" cy="25" r="2.3" fill="currentColor" stroke="none"/></svg>`;

/** `<page-masthead>`: name and navigation, the same on every page. */
class PageMasthead extends HTMLElement {
  connectedCallback() {
    const here = location.pathname.replace(/\/$/, '') || '/';
    const links = pages.map(([path, name]) => `<a href="${path}"${path === here ? ' aria-current="page"' : ''}>${name}</a>`);
    this.innerHTML = `<a class="skip" href="#main">Skip to content</a>
      <header class="masthead"><div class="wrap"><a class="brand" href="/">${mark}<span>Broadcast</span></a>
      <nav aria-label="Pages">${links.join('')}</nav></div></header>`;
  }
}

customElements.define('page-masthead', PageMasthead);
