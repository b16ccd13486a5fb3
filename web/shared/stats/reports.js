/**
 * The pair of candidates that carries the media.
 * @param {RTCStatsReport} stats
 * @returns {{ roundTripMs?: number, candidate?: string, availableBitsPerSecond?: number }}
 */
export function selectedPair(stats) {
  const transport = find(stats, (r) => r.type === 'transport' && r.selectedCandidatePairId);
  const pair = transport
    ? stats.get(transport.selectedCandidatePairId)
    : find(stats, (r) => r.type === 'candidate-pair' && r.nominated && r.state === 'succeeded');
  if (!pair) return {};
  const local = stats.get(pair.localCandidateId);
  return {
    roundTripMs: pair.currentRoundTripTime === undefined ? undefined : pair.currentRoundTripTime * 1000,
    candidate: local ? describe(local) : undefined,
    availableBitsPerSecond: pair.availableOutgoingBitrate,
  };
}

/**
 * The first report that fits.
 * @param {RTCStatsReport} stats
 * @param {(report: any) => boolean} wanted
 */
export function find(stats, wanted) {
  for (const report of stats.values()) if (wanted(report)) return report;
  return undefined;
}

function describe({ candidateType, protocol, relayProtocol }) {
  const kind = { host: 'direct', srflx: 'direct', prflx: 'direct', relay: 'relayed' }[candidateType] ?? candidateType;
  return `${kind}, ${(relayProtocol ?? protocol ?? '').toUpperCase()}`;
}
