import { getJson } from '../shared/http/request.js';
import { publishProblem } from './errors.js';

/**
 * Asks the server what this page's token is good for, so that a wrong link is noticed before the camera is set up.
 * @param {string | undefined} token
 * @returns {Promise<{ stream?: string, problem?: string }>} stream: the only one the token is for.
 */
export async function askPermission(token) {
  try {
    const { authenticated, scopes, stream } = await getJson('/api/v1/whoami', { token });
    if (token && !authenticated) return {}; // another service judges it, when going live
    if (!scopes.includes('publish')) return { problem: publishProblem({ status: 401, message: 'Publishing needs a token.' }) };
    return stream === '*' ? {} : { stream };
  } catch (error) {
    return error.status === 401 ? { problem: publishProblem(error) } : {}; // else: seen when going live
  }
}
