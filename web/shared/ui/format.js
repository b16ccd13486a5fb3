/**
 * A bitrate for people: three digits at most.
 * @param {number | undefined} bitsPerSecond
 * @returns {string} `–` when unknown.
 */
export function formatBitrate(bitsPerSecond) {
  if (!Number.isFinite(bitsPerSecond)) return '–';
  if (bitsPerSecond >= 999_500_000) return `${trim(bitsPerSecond / 1e9)}\u00a0Gbit/s`;
  if (bitsPerSecond >= 999_500) return `${trim(bitsPerSecond / 1e6)}\u00a0Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)}\u00a0kbit/s`;
}

/**
 * Milliseconds without false precision.
 * @param {number | undefined} milliseconds
 */
export function formatMilliseconds(milliseconds) {
  if (!Number.isFinite(milliseconds)) return '–';
  return milliseconds < 10 ? `${trim(milliseconds)}\u00a0ms` : `${Math.round(milliseconds)}\u00a0ms`;
}

/**
 * A share of one as a percentage.
 * @param {number | undefined} fraction
 */
export function formatPercent(fraction) {
  if (!Number.isFinite(fraction)) return '–';
  const percent = fraction * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)}\u00a0%`;
}

/**
 * Hours, minutes and seconds; hours only when there are some.
 * @param {number} milliseconds
 * @returns {string} `1:02:03` or `2:03`
 */
export function formatDuration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * A codec's usual name.
 * @param {string | undefined} codec MIME type (`video/H264`) or the server's name (`H264`).
 */
export function formatCodec(codec) {
  const name = (codec ?? '').split('/').pop();
  const known = { h264: 'H.264', h265: 'H.265', vp8: 'VP8', vp9: 'VP9', av1: 'AV1', opus: 'Opus', pcmu: 'PCMU', pcma: 'PCMA' };
  return known[name.toLowerCase()] ?? (name || '–');
}

function trim(value) {
  return value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '');
}
