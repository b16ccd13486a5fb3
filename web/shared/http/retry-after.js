/**
 * Reads a Retry-After header (RFC 9110 §10.2.3).
 * @param {string | null | undefined} header Seconds or an HTTP date.
 * @param {number} nowMs Wall clock in milliseconds since 1970.
 * @returns {number | undefined} Milliseconds to wait, 0 to one hour; undefined when absent or unreadable.
 */
export function parseRetryAfter(header, nowMs = Date.now()) {
  const text = header?.trim();
  if (!text) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), 3_600_000);
}
