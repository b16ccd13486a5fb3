/**
 * Turns growing counters into rates. A counter that shrinks (a new session) begins anew.
 * @returns {(name: string, value: number | undefined, timestampMs: number) => number | undefined}
 *   Units per second since the last call with this name; undefined at first.
 */
export function createRates() {
  const last = new Map();
  return (name, value, timestampMs) => {
    const before = last.get(name);
    if (!Number.isFinite(value)) return undefined;
    last.set(name, { value, timestampMs });
    if (!before || value < before.value || timestampMs <= before.timestampMs) return undefined;
    return ((value - before.value) * 1000) / (timestampMs - before.timestampMs);
  };
}
