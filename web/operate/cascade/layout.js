/**
 * Where nodes stand: regions as boxes side by side; few nodes in a ring, so that no edge runs through one, many in a grid.
 * Pure; the same nodes stand at the same places.
 * @param {{ id: string, region: string }[]} nodes
 * @param {number} width Of the picture in pixels.
 * @returns {{ height: number, regions: { name: string, x: number, y: number, width: number, height: number }[], places: Map<string, { x: number, y: number, above: boolean }>, radius: number, roomy: boolean }}
 *   roomy: there is room for the names of nodes; above: the name stands above the node.
 */
export function layOut(nodes, width) {
  const byRegion = new Map();
  for (const node of [...nodes].sort((a, b) => compare(a.region, b.region) || compare(a.id, b.id))) {
    if (!byRegion.has(node.region)) byRegion.set(node.region, []);
    byRegion.get(node.region).push(node);
  }
  const inner = width - 2 * margin;
  const roomy = nodes.length <= 40;
  const boxes = [...byRegion].map(([name, members]) => ({ name, members, ...(roomy && members.length <= 12 ? ring(members.length, inner) : grid(members.length, inner, roomy)) }));
  return { ...place(boxes, inner), radius: roomy ? 17 : 11, roomy };
}

const margin = 8;
const gap = 16;
const head = 30;
const padding = 10;

/** Room for a node with its name. */
const named = { width: 116, height: 96 };
const nameless = { width: 42, height: 42 };

function ring(count, inner) {
  const room = (inner - 2 * padding - named.width) / 2;
  const across = count === 1 ? 0 : Math.min(room, Math.max(190, (count * 190) / (2 * Math.PI)));
  const down = count <= 2 ? 0 : Math.max(115, across * 0.6);
  const box = { width: 2 * across + named.width + 2 * padding, height: 2 * down + named.height + (count > 2 ? 16 : 0) + head + padding };
  const center = { x: box.width / 2, y: head + down + (count > 2 ? 56 : named.height / 2 - 10) };
  // Two stand beside each other, more begin at the top.
  const start = count === 2 ? Math.PI : -Math.PI / 2;
  const at = (index) => {
    const angle = start + (2 * Math.PI * index) / count;
    // Names stand outside of the ring: edges are inside.
    return { x: center.x + across * Math.cos(angle), y: center.y + down * Math.sin(angle), above: count > 2 && Math.sin(angle) < -0.2 };
  };
  return { ...box, at };
}

function grid(count, inner, roomy) {
  const cell = roomy ? named : nameless;
  const most = Math.max(1, Math.floor((inner - 2 * padding) / cell.width));
  // Somewhat wider than high: pictures are.
  const columns = Math.min(most, Math.max(1, Math.ceil(Math.sqrt(count * 1.6))));
  const at = (index) => ({
    x: padding + ((index % columns) + 0.5) * cell.width,
    y: head + (Math.floor(index / columns) + 0.5) * cell.height - (roomy ? 10 : 0),
  });
  return { width: columns * cell.width + 2 * padding, height: Math.ceil(count / columns) * cell.height + head + padding, at };
}

/** Boxes from left to right, in as many rows as they need; each row stands in the middle. */
function place(boxes, inner) {
  const rows = [[]];
  let used = 0;
  for (const box of boxes) {
    if (rows.at(-1).length > 0 && used + box.width > inner) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1).push(box);
    used += box.width + gap;
  }
  const places = new Map();
  const regions = [];
  let y = margin;
  for (const row of rows) {
    let x = margin + (inner - row.reduce((sum, box) => sum + box.width, 0) - (row.length - 1) * gap) / 2;
    for (const { name, members, width, height, at } of row) {
      regions.push({ name, x, y, width, height });
      members.forEach(({ id }, index) => {
        const inside = at(index);
        places.set(id, { x: x + inside.x, y: y + inside.y, above: inside.above === true });
      });
      x += width + gap;
    }
    y += Math.max(0, ...row.map((box) => box.height)) + gap;
  }
  return { height: y - gap + margin, regions, places };
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
