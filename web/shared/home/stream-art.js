/**
 * A still picture for a broadcast without one: ripples around a point, coloured and placed by the name, always the
 * same for the same name.
 * @param {string} name
 * @returns {string} SVG
 */
export function streamArt(name) {
  const random = seeded(name);
  const hue = Math.floor(random() * 360);
  const [x, y] = [40 + random() * 240, 40 + random() * 100];
  const rings = Array.from({ length: 9 }, (_, index) => {
    const radius = 14 + index * (20 + random() * 6);
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" stroke-opacity="${(0.55 - index * 0.055).toFixed(2)}"/>`;
  });
  return `<svg viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice" fill="none" stroke="hsl(${hue} 60% 78%)" stroke-width="2">
    <rect width="320" height="180" fill="hsl(${hue} 34% 22%)" stroke="none"/>${rings.join('')}
    <circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5" fill="hsl(${hue} 70% 86%)" stroke="none"/></svg>`;
}

/** FNV-1a over the name, then xorshift: a few well-mixed numbers from 0 to 1 are all that is needed. */
function seeded(text) {
  let state = 2166136261;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 16777619);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
