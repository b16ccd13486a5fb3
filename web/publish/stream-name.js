import { getJson } from '../shared/http/request.js';

const key = 'broadcast.publish.name';

/** The rule of the server for names of streams. */
export const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Chooses the first name in the field: from `?stream=`, else the last one used here, else `live`.
 * A token that is for one stream only fixes it.
 * @param {HTMLInputElement} field
 * @param {string | undefined} token
 */
export async function prepareName(field, token) {
  field.value = new URLSearchParams(location.search).get('stream') ?? remembered() ?? 'live';
  if (!token) return;
  try {
    const { stream } = await getJson('/api/v1/whoami', { token });
    if (stream && stream !== '*') {
      field.value = stream;
      field.readOnly = true;
    }
  } catch {
    // The server says what is wrong with the token when it is used.
  }
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
