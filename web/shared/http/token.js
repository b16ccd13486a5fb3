/**
 * The bearer token of a page: taken from `?token=` once, kept for this tab, and removed from the visible address,
 * so that it is not copied, bookmarked or photographed by accident.
 * @param {string} page Name of the page; a publish token must not be sent where a public stream needs none.
 * @returns {string | undefined}
 */
export function takeToken(page) {
  const key = `broadcast.token.${page}`;
  const address = new URL(location.href);
  const fresh = address.searchParams.get('token');
  if (fresh !== null) {
    address.searchParams.delete('token');
    history.replaceState(history.state, '', address);
  }
  try {
    if (fresh) sessionStorage.setItem(key, fresh);
    return fresh || sessionStorage.getItem(key) || undefined;
  } catch {
    return fresh || undefined; // storage may be forbidden; the token then lives as long as the page
  }
}
