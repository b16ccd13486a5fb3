import { element } from '../shared/ui/element.js';
import { formatBitrate, formatMilliseconds, formatPercent } from '../shared/ui/format.js';

/**
 * The nodes of a stream's tree, each with those it feeds.
 * @param {{ root: string | null, nodes: { nodeId: string, parent: string | null }[] }} tree Nodes in any order.
 * @returns {{ node: any, children: any[] }[]} The publisher's node first, then those without a way to it, each with what hangs below.
 */
export function nest({ root, nodes }) {
  const below = new Map();
  for (const node of nodes) below.set(node.parent, [...(below.get(node.parent) ?? []), node]);
  const placed = new Set();
  const place = (node) => {
    placed.add(node.nodeId);
    return { node, children: (below.get(node.nodeId) ?? []).filter((child) => !placed.has(child.nodeId)).map(place) };
  };
  const known = new Set(nodes.map((node) => node.nodeId));
  const tops = nodes.filter((node) => node.nodeId === root).map(place);
  for (const node of nodes) if (!placed.has(node.nodeId) && !known.has(node.parent)) tops.push(place(node));
  // What is left goes round in a circle for a moment.
  for (const node of nodes) if (!placed.has(node.nodeId)) tops.push(place(node));
  return tops;
}

/**
 * A nested list: the picture of a stream's tree for those who read or use a keyboard.
 * @param {any} tree As for {@link nest}; nodes with the figures of their place.
 */
export function treeList(tree) {
  const list = (branches) => element('ul', {}, ...branches.map(({ node, children }) => {
    const item = element('li', {}, describe(node, node.nodeId === tree.root));
    if (children.length > 0) item.append(list(children));
    return item;
  }));
  return list(nest(tree));
}

/** @param {number} count @param {string} one @param {string} many */
export function counted(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

function describe({ nodeId, region, state, parent, next, standby, depth, reason, standbyReason, viewers, bits, lost, roundTrip, layers }, isRoot) {
  const alone = !isRoot && !parent;
  const link = [formatBitrate(bits ?? undefined), `${formatPercent(lost ?? undefined)} lost`, formatMilliseconds(roundTrip ?? undefined), layers, isRoot ? '' : counted(depth ?? 0, 'hop', 'hops')];
  return element('div', { class: alone ? 'place lost' : 'place' },
    element('strong', {}, nodeId),
    isRoot ? element('span', { class: 'badge live' }, 'Publisher') : '',
    state === 'up' ? '' : element('span', { class: 'badge' }, state ?? 'gone'),
    element('span', { class: 'soft' }, `${region || 'no region'}, ${counted(viewers, 'viewer', 'viewers')}`),
    element('p', { class: 'small' }, link.filter(Boolean).join(' · ')),
    isRoot ? '' : element('p', { class: 'soft small' }, alone ? `No parent: ${reason ?? ''}` : `From ${parent}${reason ? `: ${reason}` : ''}${next ? `; moves to ${next}` : ''}`),
    isRoot ? '' : element('p', { class: 'soft small' }, standby ? `Standby ${standby}${standbyReason ? `: ${standbyReason}` : ''}` : standbyReason ?? 'No standby'));
}
