import { formatBitrate, formatDuration, formatMilliseconds, formatPercent } from '../../shared/ui/format.js';

const text = (name, title, more) => ({ name, title, value: (row) => row[name], show: (row) => row[name] || '–', ...more });
const count = (name, title, more) => ({ name, title, value: (row) => row[name], number: true, ...more });
const rate = (name, title, more) => ({ ...count(name, title), show: (row) => formatBitrate(row[name] ?? undefined), ...more });
const share = (name, title, more) => ({ ...count(name, title), show: (row) => formatPercent(row[name] ?? undefined), ...more });
const time = (name, title, more) => ({ ...count(name, title), show: (row) => formatMilliseconds(row[name] ?? undefined), ...more });
const clock = (milliseconds) => new Date(milliseconds).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

/** How a node is. @param {any} node */
export function stateOf({ state, answers }) {
  if (state === 'up') return answers === 1 ? 'Up' : 'No answer';
  return { draining: 'Draining', suspect: 'Not heard of' }[state] ?? state;
}

/** What each table shows, and how it is sorted at first. */
export const definitions = {
  streams: {
    label: 'Streams',
    none: 'Nothing is published or watched.',
    sorting: { name: 'viewers', descending: true },
    columns: [
      text('id', 'Stream'),
      { name: 'live', title: 'State', value: (row) => row.live, show: (row) => (row.live ? 'Live' : 'Off air'), badge: (row) => (row.live ? 'good' : '') },
      count('viewers', 'Viewers'),
      rate('bits', 'In'),
      share('lost', 'Loss'),
      count('nodes', 'Nodes', { wide: true }),
      count('depth', 'Hops', { wide: true }),
      text('root', 'Published at', { wide: true }),
      text('tracks', 'Tracks', { wide: true }),
      { ...count('keyframeRequests', 'Keyframes asked', { wide: true }), show: (row) => `${row.keyframeRequests} of ${row.keyframes}` },
      { name: 'recording', title: 'Recorded', value: (row) => (row.recording ? 1 : 0), show: (row) => (row.recording ? 'Yes' : '–'), wide: true },
    ],
  },
  nodes: {
    label: 'Nodes',
    none: 'No node is known.',
    sorting: { name: 'id', descending: false },
    columns: [
      text('id', 'Node'),
      { name: 'state', title: 'State', value: stateOf, show: stateOf, badge: (row) => (stateOf(row) === 'Up' ? 'good' : '') },
      { ...count('viewers', 'Viewers'), show: (row) => (row.places ? `${row.viewers} of ${row.places}` : String(row.viewers)) },
      rate('bits', 'Sends'),
      share('share', 'Full'),
      text('region', 'Region', { wide: true }),
      text('zone', 'Zone', { wide: true }),
      count('streams', 'Streams', { wide: true }),
      count('children', 'Children', { wide: true }),
      share('busy', 'Busy', { wide: true }),
      count('refused', 'Refused', { wide: true }),
      count('keyframesAsked', 'Keyframes asked', { wide: true }),
    ],
  },
  links: {
    label: 'Links',
    none: 'No node feeds another.',
    sorting: { name: 'bits', descending: true },
    columns: [
      { name: 'id', title: 'Link', value: (row) => row.id, show: (row) => `${row.parent} → ${row.child}` },
      { name: 'kind', title: 'Kind', value: (row) => (row.streams > 0 ? 'Feeds' : 'Stands by'), badge: (row) => (row.streams > 0 ? 'good' : '') },
      rate('bits', 'Bitrate'),
      share('lost', 'Loss'),
      time('roundTrip', 'Round trip'),
      count('streams', 'Streams', { wide: true }),
      count('standbys', 'Stands by for', { wide: true }),
      text('layers', 'Layers', { wide: true }),
    ],
  },
  sessions: {
    label: 'Sessions',
    none: 'This stream has no sessions.',
    filterLabel: 'Filter the sessions of this page',
    sorting: { name: 'createdAt', descending: false },
    columns: [
      { name: 'id', title: 'Session', value: (row) => row.id, show: (row) => `${row.publisher ? 'Publisher' : 'Viewer'} ${row.id.slice(0, 8)}` },
      { name: 'state', title: 'State', value: (row) => row.state, badge: (row) => (row.state === 'connected' ? 'good' : '') },
      rate('bits', 'Bitrate'),
      share('lost', 'Loss'),
      time('roundTrip', 'Round trip'),
      text('node', 'Node', { wide: true }),
      text('layer', 'Layer', { wide: true }),
      text('limit', 'Limited by', { wide: true }),
      text('path', 'Path', { wide: true }),
      { name: 'createdAt', title: 'For', value: (row) => row.createdAt, show: (row) => formatDuration(row.connectedFor * 1000), number: true, wide: true },
    ],
  },
  recordings: {
    label: 'Recordings',
    none: 'Nothing has been recorded.',
    sorting: { name: 'startedAt', descending: true },
    columns: [
      { name: 'id', title: 'Recording', value: (row) => row.title || row.stream, show: (row) => row.title || row.stream },
      { name: 'state', title: 'State', value: (row) => row.state, badge: (row) => (row.state === 'recording' ? 'live' : row.state === 'ready' ? 'good' : '') },
      { name: 'startedAt', title: 'Began', value: (row) => Date.parse(row.startedAt), show: (row) => new Date(row.startedAt).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' }), number: true },
      { name: 'duration', title: 'Length', value: (row) => row.duration, show: (row) => formatDuration((row.duration ?? 0) * 1000), number: true },
      text('node', 'Node', { wide: true }),
    ],
  },
  events: {
    label: 'Events',
    none: 'Nothing has happened yet.',
    sorting: { name: 'at', descending: true },
    columns: [
      { name: 'at', title: 'Time', value: (row) => row.at, show: (row) => clock(row.at) },
      text('subject', 'What'),
      text('text', 'What happened'),
      text('kind', 'Kind', { wide: true }),
      text('node', 'Said by', { wide: true }),
    ],
  },
  bans: {
    label: 'Bans',
    none: 'Nobody is kept out.',
    sorting: { name: 'setAt', descending: true },
    columns: [
      { name: 'id', title: 'Who', value: (row) => row.address ?? row.subject, show: (row) => (row.address ? row.address : `token of ${row.subject}`) },
      { name: 'expiresAt', title: 'Until', value: (row) => Date.parse(row.expiresAt), show: (row) => new Date(row.expiresAt).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' }), number: true },
      text('reason', 'Why'),
      { name: 'setAt', title: 'Since', value: (row) => Date.parse(row.setAt), show: (row) => new Date(row.setAt).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' }), number: true, wide: true },
    ],
  },
};
