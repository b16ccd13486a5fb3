/**
 * One picture that is being sent: an encoding of its own, or with SVC several sizes in one.
 * @typedef {{ rid?: string, width?: number, height?: number, framesPerSecond?: number, bitsPerSecond?: number,
 *   limitation?: string, active: boolean, scalabilityMode?: string }} SentLayer
 *   limitation as `qualityLimitationReason`.
 */

/**
 * The reports about sent video, the best encoding first.
 * @param {RTCStatsReport} stats
 */
export function sentVideo(stats) {
  return [...stats.values()]
    .filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video')
    .sort((a, b) => (b.encodingIndex ?? 0) - (a.encodingIndex ?? 0) || (b.frameWidth ?? 0) - (a.frameWidth ?? 0));
}

/**
 * What each encoding sends.
 * @param {any[]} reports As from sentVideo.
 * @param {ReturnType<import('./rate.js').createRates>} rates
 * @returns {SentLayer[]}
 */
export function sentLayers(reports, rates) {
  return reports.map((report) => {
    const bytes = rates(`bytes ${report.id}`, report.bytesSent, report.timestamp);
    const frames = rates(`frames ${report.id}`, report.framesSent ?? report.framesEncoded, report.timestamp);
    return {
      rid: report.rid,
      width: report.frameWidth,
      height: report.frameHeight,
      // With SVC the counters count every layer of a picture; the browser's own rate counts pictures.
      framesPerSecond: scalable(report) ? report.framesPerSecond : frames,
      bitsPerSecond: bytes === undefined ? undefined : bytes * 8,
      limitation: report.active === false ? undefined : report.qualityLimitationReason, // switched off by this page
      // A layer that the browser has laid still, for want of bandwidth say, is active to the page and sends nothing.
      active: report.active !== false && frames !== 0,
      scalabilityMode: report.scalabilityMode,
    };
  });
}

/**
 * Whether an encoding holds several sizes.
 * @param {{ scalabilityMode?: string }} encoding
 */
export function scalable({ scalabilityMode = '' }) {
  return /^L[23]/.test(scalabilityMode);
}
