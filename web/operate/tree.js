import { element } from '../shared/ui/element.js';
import { formatPercent } from '../shared/ui/format.js';

/**
 * The nodes of a stream's tree, each with those it feeds.
 * @param {{ root: string | null, nodes: { nodeId: string, parent: string | null }[] }} tree As `/api/v1/streams/{id}/tree` gives it.
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
 * A nested list.
 * @param {any} tree As for {@link nest}.
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

function describe({ nodeId, region, state, parent, standby, reason, standbyReason, viewers, share }, isRoot) {
  const lost = !isRoot && parent === null;
  return element('div', { class: lost ? 'place lost' : 'place' },
    element('strong', {}, nodeId),
    isRoot ? element('span', { class: 'badge live' }, 'Publisher') : '',
    state === 'up' ? '' : element('span', { class: 'badge' }, state),
    element('span', { class: 'soft' }, `${region}, ${counted(viewers, 'viewer', 'viewers')}, ${formatPercent(share)} full`),
    element('p', { class: 'soft small' }, lost ? `No parent: ${reason}` : reason),
    isRoot ? '' : element('p', { class: 'soft small' }, standby ? `Standby ${standby}: ${standbyReason}` : standbyReason));
}
