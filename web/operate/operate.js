import { getJson } from '../shared/http/request.js';
import { takeToken } from '../shared/http/token.js';
import { poll } from '../shared/ui/poll.js';
import { Actions } from './actions.js';
import { Cascade } from './cascade/cascade.js';
import { Details } from './details/details.js';
import { Feed } from './feed/connection.js';
import { Sessions } from './sessions.js';
import { definitions } from './tables/definitions.js';
import { tabs } from './tables/tabs.js';
import { VirtualTable } from './tables/virtual-table.js';
import { Totals } from './totals.js';

const $ = (selector) => document.querySelector(selector);
const token = takeToken('operate');
const feed = new Feed(token);
const actions = new Actions({ token, feed, problem });
const totals = new Totals($('#totals'));
const cascade = new Cascade({ canvas: $('#cascade'), note: $('#cascade-note'), feed, choose });
const details = new Details({ panel: $('#details'), feed, buttonsOf, closed: () => mark(undefined) });

const choices = {
  streams: ({ id }) => choose('stream', id),
  nodes: ({ id }) => choose('node', id),
  links: ({ id }) => choose('link', id),
  sessions: (row) => { details.open('session', row.id, row); mark(details.chosen); },
  recordings: ({ page }) => { location.href = page; },
  events: undefined,
  bans: async (row) => { if (await actions.lift(row)) readBans(); },
};
const tables = Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, new VirtualTable($(`#${name} .table`), { ...definition, choose: choices[name] })]));
const shown = tabs($('#tabs'), (panel) => show(panel));
const sessions = new Sessions({
  feed, table: tables.sessions, isShown: () => shown?.current() === 'sessions' || details.chosen?.kind === 'session', changed: (rows) => {
    const { kind, id } = details.chosen ?? {};
    const row = kind === 'session' && rows.find((each) => each.id === id);
    if (row) details.update(row);
  },
});

$('#whole').addEventListener('click', () => follow(undefined));
$('#mint-open').addEventListener('click', () => actions.mint());
feed.addEventListener('change', ({ detail: changed }) => {
  totals.show(feed.rows('totals').get('all'));
  if (changed.has('nodes') || changed.has('links')) cascade.update();
  const panel = shown.current();
  if (changed.has(panel)) show(panel);
  sessions.offer([...feed.rows('streams').values()].sort((a, b) => b.viewers - a.viewers).slice(0, 500).map(({ id }) => id));
  details.update();
});
feed.addEventListener('place', () => {
  cascade.update();
  details.update();
});
feed.addEventListener('state', () => {
  $('#connection').textContent = { connecting: 'Connecting…', live: 'Live', away: 'No connection; trying again…' }[feed.state];
  $('#connection').className = feed.state === 'live' ? 'badge good' : 'badge';
});
poll(readRecordings, 3000);
poll(readBans, 3000);
start();

/** Without a token that operates everything the live connection would be refused without a word. */
async function start() {
  getJson('/api/v1/info', { token })
    .then(({ nodeId, version }) => { $('#node').textContent = [nodeId && `Seen from node ${nodeId}`, version && `version ${version}`].filter(Boolean).join(', '); })
    .catch(() => {});
  try {
    const { scopes, stream } = await getJson('/api/v1/whoami?scope=operate', { token });
    if (!scopes.includes('operate') || stream !== '*') return refuse();
  } catch (error) {
    if (error.status === 401 || error.status === 403) return refuse();
  }
  $('#live').hidden = false;
  feed.start();
}

function refuse() {
  $('#no-token').hidden = false;
  $('#connection').hidden = true;
}

/** Opens the panel about something; a stream is followed besides. */
function choose(kind, id) {
  if (kind === 'stream') follow(id);
  details.open(kind, id);
  mark(details.chosen);
}

function follow(stream) {
  feed.follow(stream);
  if (stream) sessions.choose(stream);
  $('#whole').hidden = !stream;
  cascade.update();
}

function mark(chosen) {
  cascade.mark(chosen);
  for (const [name, table] of Object.entries(tables)) table.mark(chosen && `${chosen.kind}s` === name ? chosen.id : undefined);
}

/** Writes the table of a panel, if it is one that the feed has. */
function show(panel) {
  if (['streams', 'nodes', 'links', 'events'].includes(panel)) tables[panel].update(feed.rows(panel).values());
  else if (panel === 'sessions') setTimeout(() => { sessions.offer([...feed.rows('streams').keys()]); sessions.read(); });
  else if (panel === 'recordings') readRecordings();
  else if (panel === 'bans') readBans();
}

async function readRecordings() {
  if (shown?.current() !== 'recordings' || feed.state !== 'live') return;
  const { recordings } = await getJson('/api/v1/recordings?limit=200', { token });
  tables.recordings.update(recordings);
}

async function readBans() {
  if (shown?.current() !== 'bans' || feed.state !== 'live') return;
  tables.bans.update(await getJson('/api/v1/bans', { token }));
}

/** What can be done with what was chosen. */
function buttonsOf(kind, row) {
  switch (kind) {
    case 'node':
      return [row.state === 'draining' ? ['Undrain', () => actions.drain(row.id, false)] : ['Drain', () => actions.drain(row.id, true)]];
    case 'stream':
      return [
        ['Watch', () => { open(`/watch/${encodeURIComponent(row.id)}`, '_blank', 'noopener'); }],
        row.recording ? ['Stop recording', () => actions.record(row.id, false)] : ['Record', () => actions.record(row.id, true)],
        ['Sessions', () => { shown.choose('sessions'); $('#tabs').scrollIntoView({ block: 'nearest' }); }],
        ['Mint a token', () => actions.mint(row.id)],
      ];
    case 'session':
      return [
        ['End session', async () => { if (await actions.end(row)) sessions.read(); }],
        ...(row.address ? [['Ban address', () => actions.ban({ address: row.address })]] : []),
        ...(row.subject ? [['Ban token', () => actions.ban({ subject: row.subject })]] : []),
      ];
    default:
      return [['Show the parent', () => choose('node', row.parent)], ['Show the child', () => choose('node', row.child)]];
  }
}

function problem(text) {
  $('#problem').hidden = !text;
  $('#problem').textContent = text;
}
