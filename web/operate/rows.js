import { element } from '../shared/ui/element.js';
import { formatBitrate, formatCodec, formatDuration, formatMilliseconds, formatPercent } from '../shared/ui/format.js';

const sum = (tracks, value) => tracks.reduce((total, track) => total + (value(track) ?? 0), 0);

/** @param {any} stream As `/api/v1/streams` gives it. */
export function incomingBitrate({ tracks = [] }) {
  return sum(tracks, (track) => track.bitsPerSecond);
}

/**
 * Cells of a stream's row.
 * @param {any} stream As `/api/v1/streams` gives it.
 */
export function streamCells(stream) {
  const { active, viewers, startedAt, tracks = [] } = stream;
  return [
    ['State', badge(active ? 'Live' : 'Off air', active), active && startedAt ? ` ${formatDuration(Date.now() - Date.parse(startedAt))}` : ''],
    ['Tracks', tracks.map(describeTrack).join(', ') || '–'],
    ['In', formatBitrate(incomingBitrate(stream)), 'number'],
    ['Lost', String(sum(tracks, (t) => t.packetsLost)), 'number'],
    ['Repaired', String(sum(tracks, (t) => t.packetsRepaired)), 'number'],
    ['Keyframes', `${sum(tracks, (t) => t.keyframes)} (${sum(tracks, (t) => t.keyframeRequests)} asked)`, 'number'],
    ['Viewers', String(viewers), 'number'],
  ].map(cell);
}

/**
 * Cells of a session's row.
 * @param {any} session As `/api/v1/streams/{id}/sessions` gives it.
 */
export function sessionCells({ state, bitsPerSecond, fractionLost, roundTrip, retransmitted, candidate, connectedFor }) {
  return [
    ['State', badge(capital(state), state === 'connected')],
    ['Bitrate', formatBitrate(bitsPerSecond), 'number'],
    ['Loss', formatPercent(fractionLost), 'number'],
    ['Round trip', formatMilliseconds(roundTrip === null ? undefined : roundTrip * 1000), 'number'],
    ['Resent', String(retransmitted ?? '–'), 'number'],
    ['Path', (candidate || '–').toUpperCase()],
    ['For', formatDuration(connectedFor * 1000), 'number'],
  ].map(cell);
}

/**
 * How a session is called.
 * @param {{ kind: string, sessionId: string }} session
 */
export function sessionTitle({ kind, sessionId }) {
  return `${capital(kind)} ${sessionId.slice(0, 8)}`;
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function describeTrack({ codec, width, height, framesPerSecond }) {
  return formatCodec(codec) + (height ? ` ${width} × ${height} at ${Math.round(framesPerSecond)} fps` : '');
}

function badge(text, good) {
  return element('span', { class: good ? 'badge good' : 'badge' }, text);
}

function cell([label, content, more = '']) {
  const number = more === 'number';
  return element('td', { class: number ? 'number' : '', 'data-label': label }, element('span', {}, content, number ? '' : more));
}
