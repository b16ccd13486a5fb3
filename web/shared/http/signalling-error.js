import { parseRetryAfter } from './retry-after.js';

/** Statuses after which the same request may succeed later. 409 is "nobody publishes this stream now" in WHEP. */
const passing = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

/** A request that did not get what it asked for: the status and what the server said about it. */
export class SignallingError extends Error {
  /**
   * @param {string} message A sentence for a person.
   * @param {{ status?: number, title?: string, retryAfterMs?: number, cause?: unknown }} details
   *   status is 0 when no response came at all.
   */
  constructor(message, { status = 0, title = '', retryAfterMs, cause } = {}) {
    super(message, { cause });
    this.name = 'SignallingError';
    this.status = status;
    this.title = title;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether trying the same again makes sense. */
  get passing() {
    return this.status === 0 || passing.has(this.status);
  }

  /** Whether another node may do what this one cannot: nobody answered, or a proxy found nobody behind it. */
  get unreachable() {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }

  /**
   * Makes an error of a response outside 200–299, with the sentence of its problem document (RFC 9457) if it has one.
   * @param {Response} response Its body is consumed.
   * @returns {Promise<SignallingError>}
   */
  static async of(response) {
    const { title = '', detail = '' } = await problemOf(response);
    return new SignallingError(detail || title || defaultSentence(response.status), {
      status: response.status,
      title,
      retryAfterMs: parseRetryAfter(response.headers.get('Retry-After')),
    });
  }
}

async function problemOf(response) {
  try {
    const type = response.headers.get('Content-Type') ?? '';
    return /[/+]json/i.test(type) ? (await response.json()) ?? {} : {};
  } catch {
    return {}; // a broken body tells nothing more than the status does
  }
}

function defaultSentence(status) {
  switch (status) {
    case 401: return 'This link needs a valid token.';
    case 403: return 'The token of this link does not allow this.';
    case 404: return 'There is nothing at this address.';
    case 406: return 'This browser cannot play the format of this broadcast.';
    case 409: return 'The broadcast is not live at the moment.';
    case 429: return 'Too many attempts; please wait a moment.';
    case 503: return 'The server is full at the moment.';
    default: return `The server answered with status ${status}.`;
  }
}
