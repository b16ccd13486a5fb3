import { getJson, request } from '../shared/http/request.js';
import { element } from '../shared/ui/element.js';
import { formatBitrate, formatPercent } from '../shared/ui/format.js';
import { counted, treeList } from './tree.js';

const $ = (selector) => document.querySelector(selector);

/**
 * The nodes with their drain buttons, and the tree of the chosen stream. A node alone is one of each.
 * @param {{ token?: string, confirm: (text: string, yes: string, no: string) => Promise<boolean>, problem: (text: string) => void }} page
 */
export function clusterPart({ token, confirm, problem }) {
  let shownTree = '';
  let shownFor;

  async function showNodes() {
    const nodes = await unlessRefused(getJson('/api/v1/nodes', { token }));
    $('#nodes-part').hidden = !nodes;
    if (!nodes) return;
    const rows = new Map([...$('#nodes').rows].map((row) => [row.dataset.id, row]));
    for (const node of nodes) {
      const row = rows.get(node.nodeId) ?? newRow(node.nodeId);
      rows.delete(node.nodeId);
      fill(row, node);
      if (row.parentElement === null) $('#nodes').append(row);
    }
    for (const row of rows.values()) row.remove();
  }

  async function showTree(stream) {
    $('#tree-part').hidden = stream === undefined || $('#nodes-part').hidden;
    if ($('#tree-part').hidden) return;
    let tree;
    try {
      tree = await getJson(`/api/v1/streams/${encodeURIComponent(stream)}/tree`, { token });
    } catch (error) {
      if (error.status !== 404 && error.status !== 503) throw error;
      [shownTree, shownFor] = ['', stream];
      $('#tree-title').textContent = `Tree of ${stream}`;
      $('#tree').replaceChildren();
      $('#tree-note').textContent = error.message;
      return;
    }
    // Only what has changed is drawn again, so that text stays selected and nothing is read out twice.
    const text = JSON.stringify(tree);
    if (text === shownTree && shownFor === stream) return;
    [shownTree, shownFor] = [text, stream];
    $('#tree-title').textContent = `Tree of ${stream}`;
    $('#tree-note').textContent = `${counted(tree.nodes.length, 'node', 'nodes')}, epoch ${tree.epoch}, version ${tree.version}${tree.root ? '' : '; nobody publishes now'}`;
    $('#tree').replaceChildren(treeList(tree));
  }

  function newRow(nodeId) {
    const button = element('button', { class: 'button little', type: 'button' });
    return element('tr', { 'data-id': nodeId }, element('th', { scope: 'row' }), element('td', {}, button));
  }

  // The cell with the button stays what it is: it may have the focus.
  function fill(row, node) {
    const { nodeId, region, zone, state, isThis, load, capacity, share } = node;
    const cells = [
      ['State', element('span', { class: state === 'up' ? 'badge good' : 'badge' }, state === 'up' ? 'Up' : state === 'draining' ? 'Draining' : 'Not heard of')],
      ['Region', `${region || '–'} / ${zone || '–'}`],
      ['Viewers', `${load.viewers} of ${capacity.viewers}`, 'number'],
      ['Children', `${load.children} of ${capacity.children}`, 'number'],
      ['Sends', formatBitrate(load.bitsPerSecond), 'number'],
      ['Full', formatPercent(share), 'number'],
    ].map(([label, content, kind = '']) => element('td', { class: kind, 'data-label': label }, element('span', {}, content)));
    const last = row.lastElementChild;
    const title = element('th', { scope: 'row' }, nodeId, isThis ? element('span', { class: 'soft' }, ' (this one)') : '');
    while (row.firstElementChild !== last) row.firstElementChild.remove();
    last.before(title, ...cells);
    const button = last.firstElementChild;
    const draining = state === 'draining';
    button.textContent = draining ? 'Undrain' : 'Drain';
    button.setAttribute('aria-label', `${button.textContent} ${nodeId}`);
    button.onclick = () => drain(nodeId, !draining, button);
  }

  async function drain(nodeId, begin, button) {
    if (begin && !await confirm(`Drain ${nodeId}? It takes nobody new, and its viewers and child nodes go elsewhere, until it is undrained.`, 'Drain', 'Leave it')) return;
    button.disabled = true;
    try {
      await request(`/api/v1/nodes/${encodeURIComponent(nodeId)}/drain`, { method: begin ? 'POST' : 'DELETE', token });
      await showNodes();
    } catch (error) {
      problem(error.message);
    } finally {
      button.disabled = false;
    }
  }

  return { showNodes, showTree };
}

/** Undefined where the caller may not see it. */
async function unlessRefused(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error.status === 401 || error.status === 403) return undefined;
    throw error;
  }
}
