const key = 'broadcast.publish.name';

/** The rule of the server for names of streams. */
export const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Chooses the first name in the field: from `?stream=`, else the last one used here, else `live`.
 * @param {HTMLInputElement} field
 */
export function prepareName(field) {
  field.value = new URLSearchParams(location.search).get('stream') ?? remembered() ?? 'live';
}

/** @param {string} name */
export function rememberName(name) {
  try {
    localStorage.setItem(key, name);
  } catch {
    // Only a convenience.
  }
}

function remembered() {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
