import { getJson, request } from '../shared/http/request.js';
import { takeToken } from '../shared/http/token.js';
import { Plot } from '../shared/plot.js';
import { element } from '../shared/ui/element.js';
import { formatBitrate } from '../shared/ui/format.js';
import { poll } from '../shared/ui/poll.js';
import { clusterPart } from './cluster.js';
import { incomingBitrate, sessionCells, sessionTitle, streamCells } from './rows.js';

const $ = (selector) => document.querySelector(selector);
const token = takeToken('operate');
let chosen;
const cluster = clusterPart({ token, confirm, problem });

const totals = ['Live streams', 'Viewers', 'Incoming'].map((label) => {
  const number = element('dd', {}, '–');
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  $('#totals').append(element('div', {}, element('dt', {}, label), number, canvas));
  return { number, plot: new Plot(canvas, { capacity: 120, minimum: label === 'Incoming' ? 500_000 : 5 }) };
});

getJson('/api/v1/info', { token })
  .then(({ nodeId, version }) => { $('#node').textContent = [nodeId && `Node ${nodeId}`, version && `version ${version}`].filter(Boolean).join(', '); })
  .catch(() => {});

poll(async () => {
  try {
    const streams = await getJson('/api/v1/streams', { token });
    showTotals(streams);
    showStreams(streams);
    await showSessions();
    await cluster.showNodes();
    await cluster.showTree(chosen);
    problem('');
  } catch (error) {
    problem(error.message);
  }
}, 1000);

function showTotals(streams) {
  const live = streams.filter((stream) => stream.active);
  const values = [live.length, streams.reduce((n, stream) => n + stream.viewers, 0), live.reduce((n, stream) => n + incomingBitrate(stream), 0)];
  values.forEach((value, index) => {
    totals[index].number.textContent = index === 2 ? formatBitrate(value) : String(value);
    totals[index].plot.push(value);
  });
}

function showStreams(streams) {
  $('#no-streams').hidden = streams.length > 0;
  if (!streams.some(({ streamId }) => streamId === chosen)) chosen = streams[0]?.streamId;
  update($('#streams'), streams, ({ streamId }) => streamId, ({ streamId }) => element('button', {
    class: 'pick', type: 'button', onclick: () => { chosen = streamId; showSessions(); },
  }, streamId), streamCells);
  for (const row of $('#streams').rows) row.setAttribute('aria-current', String(row.dataset.id === chosen));
}

async function showSessions() {
  for (const row of $('#streams').rows) row.setAttribute('aria-current', String(row.dataset.id === chosen));
  $('#sessions-part').hidden = chosen === undefined;
  if (chosen === undefined) return;
  const stream = chosen;
  let sessions;
  try {
    sessions = await getJson(`/api/v1/streams/${encodeURIComponent(stream)}/sessions`, { token });
  } catch (error) {
    if (error.status !== 401 && error.status !== 403 && error.status !== 404) throw error;
    $('#no-token').hidden = error.status === 404;
    sessions = [];
    if (error.status !== 404) {
      $('#sessions-part').hidden = true;
      return;
    }
  }
  if (stream !== chosen) return;
  $('#no-token').hidden = true;
  $('#no-sessions').hidden = sessions.length > 0;
  $('#sessions-title').textContent = `Sessions of ${stream}`;
  const ordered = [...sessions].sort((a, b) => rank(a) - rank(b) || Date.parse(a.createdAt) - Date.parse(b.createdAt));
  update($('#sessions'), ordered, ({ sessionId }) => sessionId, sessionTitle,
    (session) => [...sessionCells(session), element('td', {}, endButton(session))]);
}

const rank = ({ kind }) => (kind === 'publisher' ? 0 : 1);

/** Refreshes a table body row by row; rows that stay keep the element that may have the focus. */
function update(body, items, idOf, titleOf, cellsOf) {
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  for (const item of items) {
    const id = idOf(item);
    const row = rows.get(id) ?? element('tr', { 'data-id': id }, element('th', { scope: 'row' }, titleOf(item)));
    const focused = row.contains(document.activeElement) && document.activeElement.closest('td') !== null;
    if (!focused) row.replaceChildren(row.cells[0], ...cellsOf(item));
    rows.delete(id);
    if (row.parentElement !== body) body.append(row);
  }
  for (const row of rows.values()) row.remove();
}

function endButton({ sessionId, kind }) {
  return element('button', { class: 'button little', type: 'button', onclick: () => endSession(sessionId, kind) }, 'End');
}

async function endSession(sessionId, kind) {
  const question = kind === 'publisher'
    ? 'End this publication? Its broadcaster may connect again by itself.'
    : 'End this viewer’s session? The player may connect again by itself.';
  if (!await confirm(question, 'End session', 'Keep it')) return;
  try {
    await request(`/api/v1/sessions/${encodeURIComponent(sessionId)}`, { method: 'DELETE', token });
  } catch (error) {
    problem(error.message);
  }
}

/** Asks before something is done that people notice. */
function confirm(text, yes, no) {
  const dialog = $('#confirm');
  $('#confirm-text').textContent = text;
  $('#confirm-yes').textContent = yes;
  $('#confirm-no').textContent = no;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => { dialog.onclose = () => resolve(dialog.returnValue === 'yes'); });
}

function problem(text) {
  $('#problem').hidden = !text;
  $('#problem').textContent = text;
}
