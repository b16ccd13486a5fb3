import { formatBitrate, formatDuration, formatMilliseconds, formatPercent } from '../../shared/ui/format.js';
import { stateOf } from '../tables/definitions.js';

const rate = (value) => formatBitrate(value ?? undefined);
const share = (value) => formatPercent(value ?? undefined);
const time = (value) => formatMilliseconds(value ?? undefined);
const whole = (value) => (Number.isFinite(value) ? String(Math.round(value)) : '–');

/** What is said and plotted of each kind of thing; `now` gives the plots' values of this moment, `past` where the former ones are. */
export const kinds = {
  node: {
    title: ({ id }) => `Node ${id}`,
    facts: (row) => [
      ['State', stateOf(row)], ['Region', row.region || '–'], ['Zone', row.zone || '–'], ['Roles', row.roles],
      ['Viewers', row.places ? `${row.viewers} of ${row.places}` : row.viewers], ['Feeds', `${row.children} nodes and streams`], ['Sends', rate(row.bits)], ['Full', share(row.share)],
      ['Streams', row.streams], ['Sessions refused', row.refused], ['Keyframes asked', row.keyframesAsked], ['Address', row.url],
    ],
    plots: [{ title: 'Viewers', format: whole, minimum: 5 }, { title: 'Sends', format: rate, minimum: 500_000 }, { title: 'Busiest thread', format: share, minimum: 1 }],
    now: (row) => [row.viewers, row.bits, row.busy],
    past: (row) => ({ node: row.id, subject: 'node' }),
  },
  link: {
    title: ({ parent, child }) => `Link ${parent} → ${child}`,
    facts: (row) => [
      ['Feeds', `${row.streams} streams`], ['Stands by for', `${row.standbys} streams`], ['Bitrate', rate(row.bits)], ['Loss before repairs', share(row.lost)],
      ['Round trip', time(row.roundTrip)], ['Layers', row.layers], ['Hops from the publisher', row.hops],
    ],
    plots: [{ title: 'Bitrate', format: rate, minimum: 500_000 }, { title: 'Loss', format: share, minimum: 0.01 }, { title: 'Round trip', format: time, minimum: 5 }],
    now: (row) => [row.bits, row.lost, row.roundTrip],
    past: (row) => ({ node: row.child, subject: `link/${row.parent}` }),
  },
  stream: {
    title: ({ id }) => `Stream ${id}`,
    facts: (row) => [
      ['State', row.live ? `Live${row.began ? ` for ${formatDuration(Date.now() - row.began)}` : ''}` : 'Off air'], ['Published at', row.root], ['Viewers', row.viewers], ['Sessions', row.sessions],
      ['Nodes', row.nodes], ['Most hops', row.depth], ['Comes with', rate(row.bits)], ['Loss', share(row.lost)], ['Round trip', time(row.roundTrip)],
      ['Packets lost', row.packetsLost], ['Repaired', row.repaired], ['Keyframes', `${row.keyframes}, ${row.keyframeRequests} asked`], ['Tracks', row.tracks], ['Layers', row.layers],
    ],
    plots: [{ title: 'Comes with', format: rate, minimum: 500_000 }, { title: 'Viewers', format: whole, minimum: 5 }, { title: 'Loss', format: share, minimum: 0.01 }],
    now: (row) => [row.bits, row.viewers, row.lost],
    past: (row) => ({ node: row.root, subject: `stream/${row.id}` }),
  },
  session: {
    title: ({ id, publisher }) => `${publisher ? 'Publisher' : 'Viewer'} ${id.slice(0, 8)}`,
    facts: (row) => [
      ['State', row.state], ['Node', row.node], ['For', formatDuration(row.connectedFor * 1000)], ['Bitrate', rate(row.bits)], ['Network can', row.estimate ? rate(row.estimate) : undefined],
      ['Loss', share(row.lost)], ['Round trip', row.roundTrip < 0 ? '–' : time(row.roundTrip)], ['Resent', row.resent], ['Path', row.path.toUpperCase()], ['Layer', row.layer],
      ['Limited by', row.limit], ['From', row.address], ['Token of', row.subject],
    ],
    plots: [{ title: 'Bitrate', format: rate, minimum: 500_000 }, { title: 'Loss', format: share, minimum: 0.01 }, { title: 'Round trip', format: time, minimum: 5 }],
    now: (row) => [row.bits, row.lost, row.roundTrip < 0 ? undefined : row.roundTrip],
    past: (row) => ({ node: row.node, subject: `session/${row.id}` }),
  },
};
