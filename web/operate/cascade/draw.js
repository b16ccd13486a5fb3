import { formatBitrate, formatMilliseconds, formatPercent } from '../../shared/ui/format.js';
import { progressOf } from './scene.js';

const letters = '600 12px system-ui, sans-serif';
const small = '11px system-ui, sans-serif';

/**
 * Draws the cascade.
 * @param {CanvasRenderingContext2D} context
 * @param {{ layout: ReturnType<import('./layout.js').layOut>, scene: import('./scene.js').Scene, nodes: Map<string, any>, root?: string, places?: Map<string, any>,
 *   chosen?: { kind: string, id: string }, now: number, width: number, colors: Record<string, string> }} picture
 */
export function draw(context, picture) {
  context.clearRect(0, 0, picture.width, picture.layout.height);
  drawRegions(context, picture);
  const labelled = [...picture.scene.edges].length <= 24 && picture.layout.roomy;
  for (const edge of picture.scene.edges) drawEdge(context, picture, edge);
  for (const [id, place] of picture.layout.places) drawNode(context, picture, id, place);
  if (labelled) for (const edge of picture.scene.edges) drawFigures(context, picture, edge);
}

/** The curve of an edge: from parent to child, bent to one side, so that two that feed each other are two lines. */
export function curveOf(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const bend = 0.14;
  return { from, to, control: { x: (from.x + to.x) / 2 - dy * bend, y: (from.y + to.y) / 2 + dx * bend } };
}

/** A point of a curve; t from 0 to 1. */
export function pointOf({ from, control, to }, t) {
  const u = 1 - t;
  return { x: u * u * from.x + 2 * u * t * control.x + t * t * to.x, y: u * u * from.y + 2 * u * t * control.y + t * t * to.y };
}

function drawRegions(context, { layout, colors }) {
  context.font = letters;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.lineWidth = 1;
  for (const { name, x, y, width, height } of layout.regions) {
    context.fillStyle = colors.ground;
    context.strokeStyle = colors.line;
    context.beginPath();
    context.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, 12);
    context.fill();
    context.stroke();
    context.fillStyle = colors.soft;
    context.fillText(name || 'no region', x + 12, y + 20, width - 24);
  }
}

function drawEdge(context, { layout, chosen, now, colors }, edge) {
  const curve = edgeCurve(layout.places, edge, now);
  if (!curve) return;
  const { seen } = progressOf(edge, now);
  const isChosen = chosen?.kind === 'link' && chosen.id === `${edge.from}>${edge.to}`;
  const lossy = !edge.dashed && edge.row.lost >= 0.01;
  context.globalAlpha = seen * (edge.dashed ? 0.75 : 1);
  context.strokeStyle = isChosen ? colors.ink : edge.dashed ? colors.edge : lossy ? colors.alert : colors.accent;
  context.lineWidth = (edge.dashed ? 1.25 : widthOf(edge.row.bits)) + (isChosen ? 2 : 0);
  context.setLineDash(edge.dashed ? [5, 5] : []);
  context.beginPath();
  context.moveTo(curve.from.x, curve.from.y);
  context.quadraticCurveTo(curve.control.x, curve.control.y, curve.to.x, curve.to.y);
  context.stroke();
  context.setLineDash([]);
  if (!edge.dashed) drawArrow(context, curve, layout.radius);
  context.globalAlpha = 1;
}

/** What an edge carries, written on it. */
function drawFigures(context, { layout, now, colors }, edge) {
  const curve = edge.dashed || edge.gone ? undefined : edgeCurve(layout.places, edge, now);
  if (!curve) return;
  context.globalAlpha = progressOf(edge, now).seen;
  drawLabel(context, pointOf(curve, 0.5), edge.row, colors);
  context.globalAlpha = 1;
}

/** Where an edge is now; nothing where one of its nodes is not drawn any more. */
export function edgeCurve(places, edge, now) {
  const to = places.get(edge.to);
  const from = places.get(edge.from);
  if (!to || !from) return undefined;
  const before = edge.before && places.get(edge.before);
  if (!before) return curveOf(from, to);
  const { moved } = progressOf(edge, now);
  return curveOf({ x: before.x + (from.x - before.x) * moved, y: before.y + (from.y - before.y) * moved }, to);
}

function drawArrow(context, curve, radius) {
  const length = Math.hypot(curve.to.x - curve.control.x, curve.to.y - curve.control.y) || 1;
  const [ux, uy] = [(curve.to.x - curve.control.x) / length, (curve.to.y - curve.control.y) / length];
  const [x, y] = [curve.to.x - ux * (radius + 4), curve.to.y - uy * (radius + 4)];
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - ux * 9 - uy * 4.5, y - uy * 9 + ux * 4.5);
  context.lineTo(x - ux * 9 + uy * 4.5, y - uy * 9 - ux * 4.5);
  context.fill();
}

function drawLabel(context, { x, y }, row, colors) {
  const lines = [formatBitrate(row.bits), `${formatPercent(row.lost)} · ${formatMilliseconds(row.roundTrip ?? undefined)}`];
  if (row.layers) lines.push(row.layers);
  context.font = small;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 10;
  const height = lines.length * 14 + 4;
  context.fillStyle = colors.surface;
  context.beginPath();
  context.roundRect(x - width / 2, y - height / 2, width, height, 5);
  context.fill();
  context.fillStyle = colors.ink;
  lines.forEach((line, index) => context.fillText(line, x, y - height / 2 + 9 + index * 14));
}

function drawNode(context, { layout: { radius, roomy }, nodes, root, places, chosen, colors }, id, { x, y, above }) {
  const node = nodes.get(id);
  if (!node) return;
  const inTree = !places || places.has(id);
  const isUp = node.state === 'up' && node.answers === 1;
  context.globalAlpha = inTree ? 1 : 0.45;
  context.lineWidth = 1.5;
  context.fillStyle = id === root ? colors.live : colors.surface;
  context.strokeStyle = isUp ? colors.edge : colors.alert;
  context.setLineDash(isUp ? [] : [3, 3]);
  circle(context, x, y, radius);
  context.fill();
  context.stroke();
  context.setLineDash([]);
  // How full it is, as a ring from above.
  context.strokeStyle = node.share > 0.85 ? colors.alert : colors.accent;
  context.lineWidth = 4;
  context.beginPath();
  context.arc(x, y, radius - 3, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, node.share));
  context.stroke();
  if (chosen?.kind === 'node' && chosen.id === id) {
    context.strokeStyle = colors.ink;
    context.lineWidth = 2.5;
    circle(context, x, y, radius + 4);
    context.stroke();
  }
  context.globalAlpha = 1;
  if (!roomy) return;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillStyle = colors.ink;
  context.font = letters;
  const first = above ? y - radius - 22 : y + radius + 17;
  context.fillText(id, x, first, 104);
  context.fillStyle = colors.soft;
  context.font = small;
  const viewers = places?.get(id)?.viewers ?? node.viewers;
  const people = `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`;
  context.fillText(isUp ? (id === root ? `publisher, ${people}` : people) : node.state === 'up' ? 'does not answer' : node.state, x, first + 14, 110);
}

function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

const widthOf = (bits) => Math.min(5, 1 + Math.log10(1 + bits / 500_000) * 1.6);
