import { SignallingError } from './signalling-error.js';

/**
 * fetch with a bearer token, a time limit and errors as {@link SignallingError}.
 * @param {string} url
 * @param {RequestInit & { token?: string, timeoutMs?: number }} options
 * @returns {Promise<Response>} Always with a status of 200–299.
 * @throws {SignallingError} On any other status (0: no response).
 */
export async function request(url, { token, timeoutMs = 8000, headers = {}, ...init } = {}) {
  const send = async (target) => {
    try {
      return await fetch(target, {
        ...init,
        headers: token ? { ...headers, Authorization: `Bearer ${token}` } : headers,
        // Without AbortSignal.timeout (Safari < 16) the browser's own limit has to do.
        signal: init.signal ?? AbortSignal.timeout?.(timeoutMs),
        cache: 'no-store',
      });
    } catch (cause) {
      throw new SignallingError('The server cannot be reached.', { cause });
    }
  };

  let response = await send(url);
  // A 307 to another node is followed by fetch, but without Authorization (Fetch §4.4, since 2022): ask that node directly.
  const lostToken = response.redirected && token && (response.status === 401 || response.status === 403);
  if (lostToken) response = await send(response.url);
  if (!response.ok) throw await SignallingError.of(response);
  return response;
}

/**
 * GET of a JSON document.
 * @param {string} url
 * @param {{ token?: string, signal?: AbortSignal }} options
 * @returns {Promise<any>}
 */
export async function getJson(url, options = {}) {
  return (await request(url, { ...options, headers: { Accept: 'application/json' } })).json();
}
