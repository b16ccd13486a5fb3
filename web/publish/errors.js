/**
 * Says why something could not be captured, and what to do.
 * @param {'camera' | 'microphone' | 'screen' | 'none'} kind
 * @param {Error} error Of getUserMedia or getDisplayMedia.
 * @returns {string | undefined} undefined when nothing needs to be said: the person closed the screen chooser.
 */
export function captureProblem(kind, error) {
  switch (error.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return kind === 'screen' ? undefined
        : `This page may not use the ${kind}. Allow it by the symbol beside the address, then try again.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return kind === 'screen' ? 'There is no screen to share.' : `No ${kind} was found. Plug one in, or go on without it.`;
    case 'NotReadableError':
    case 'AbortError':
      return `The ${kind} cannot be opened. Another program may be using it.`;
    default:
      return `The ${kind} cannot be opened: ${error.message}`;
  }
}

/** The sentence for pages that the browser gives no devices to. */
export const insecureOrigin =
  'Browsers give cameras and microphones only to secure pages. Open this page by https://, or on this machine by http://localhost.';

/**
 * Says why publishing does not work, and what to do.
 * @param {Error & { status?: number }} error
 * @returns {string}
 */
export function publishProblem(error) {
  switch (error.status) {
    case 401:
    case 403: return `${error.message} Open the publish link that the server printed when it started.`;
    case 0: return `${error.message} Trying again…`;
    case 429:
    case 503: return `${error.message} Trying again…`;
    default: return error.message;
  }
}
