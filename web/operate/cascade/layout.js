/**
 * Where nodes stand: regions as boxes side by side, their nodes in a grid inside. Pure; the same nodes stand at the same places.
 * @param {{ id: string, region: string }[]} nodes
 * @param {number} width Of the picture in pixels.
 * @returns {{ height: number, regions: { name: string, x: number, y: number, width: number, height: number }[], places: Map<string, { x: number, y: number }>, radius: number, roomy: boolean }}
 *   roomy: there is room for the names of nodes.
 */
export function layOut(nodes, width) {
  const byRegion = new Map();
  for (const node of [...nodes].sort((a, b) => compare(a.region, b.region) || compare(a.id, b.id))) {
    byRegion.set(node.region, [...(byRegion.get(node.region) ?? []), node]);
  }
  const roomy = nodes.length <= 40;
  const { cell, radius } = roomy ? { cell: { width: 112, height: 92 }, radius: 17 } : { cell: { width: 42, height: 42 }, radius: 11 };
  const inner = width - 2 * margin;
  const boxes = [...byRegion].map(([name, members]) => boxOf(name, members, cell, inner));
  return { ...place(boxes, cell, inner), radius, roomy };
}

const margin = 8;
const gap = 16;
const head = 30;
const padding = 10;

function boxOf(name, members, cell, inner) {
  const most = Math.max(1, Math.floor((inner - 2 * padding) / cell.width));
  // Somewhat wider than high: pictures are.
  const columns = Math.min(most, Math.max(1, Math.ceil(Math.sqrt(members.length * 1.6))));
  return { name, members, columns, width: columns * cell.width + 2 * padding, height: Math.ceil(members.length / columns) * cell.height + head + padding };
}

/** Boxes from left to right, in as many rows as they need; each row stands in the middle. */
function place(boxes, cell, inner) {
  const rows = [[]];
  for (const box of boxes) {
    const used = rows.at(-1).reduce((sum, each) => sum + each.width + gap, 0);
    if (rows.at(-1).length > 0 && used + box.width > inner) rows.push([]);
    rows.at(-1).push(box);
  }
  const places = new Map();
  const regions = [];
  let y = margin;
  for (const row of rows) {
    let x = margin + (inner - row.reduce((sum, box) => sum + box.width, 0) - (row.length - 1) * gap) / 2;
    for (const box of row) {
      regions.push({ name: box.name, x, y, width: box.width, height: box.height });
      box.members.forEach(({ id }, index) => places.set(id, {
        x: x + padding + (index % box.columns + 0.5) * cell.width,
        y: y + head + (Math.floor(index / box.columns) + 0.5) * cell.height - (cell.height > 60 ? 8 : 0),
      }));
      x += box.width + gap;
    }
    y += Math.max(0, ...row.map((box) => box.height)) + gap;
  }
  return { height: y - gap + margin, regions, places };
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
