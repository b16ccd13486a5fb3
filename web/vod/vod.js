import { getJson } from '../shared/http/request.js';
import { takeToken } from '../shared/http/token.js';
import { streamArt } from '../shared/home/stream-art.js';
import { element } from '../shared/ui/element.js';
import { formatDuration } from '../shared/ui/format.js';
import { poll } from '../shared/ui/poll.js';
import { describeWhen, stateBadge, titleOf } from './words.js';

const pageSize = 48;
const $ = (selector) => document.querySelector(selector);
const token = takeToken('vod') ?? takeToken('operate');
const cards = new Map();
let query = new URLSearchParams(location.search).get('q') ?? '';
let next = null;
let shown = pageSize;
let asked = 0;

$('#query').value = query;
$('#search').addEventListener('submit', (event) => event.preventDefault());
let typing;
$('#query').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(search, 250);
});
$('#more').addEventListener('click', () => {
  shown += pageSize;
  refresh().catch(() => {});
});

function search() {
  query = $('#query').value.trim();
  shown = pageSize;
  const address = new URL(location.href);
  if (query) address.searchParams.set('q', query);
  else address.searchParams.delete('q');
  history.replaceState(null, '', address);
  refresh().catch(() => {});
}

async function refresh() {
  const question = ++asked;
  const recordings = [];
  try {
    next = null;
    do {
      const page = new URLSearchParams({ limit: String(Math.min(shown - recordings.length, pageSize)) });
      if (query) page.set('q', query);
      if (next) page.set('after', next);
      const answer = await getJson(`/api/v1/recordings?${page}`, { token });
      recordings.push(...answer.recordings);
      next = answer.next;
    } while (next && recordings.length < shown);
    if (question !== asked) return; // one types faster than it answers
    $('#problem').hidden = true;
    show(recordings);
  } catch (error) {
    if (question !== asked) return;
    $('#problem').textContent = error.message;
    $('#problem').hidden = false;
    throw error;
  }
}

function show(recordings) {
  const list = $('#recordings');
  const ids = new Set(recordings.map(({ id }) => id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.remove();
    cards.delete(id);
  }
  recordings.forEach((recording, index) => {
    let card = cards.get(recording.id);
    if (!card) cards.set(recording.id, (card = createCard(recording)));
    update(card, recording);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
  $('#more').hidden = !next;
  $('#summary').textContent = summary(recordings.length);
}

function summary(count) {
  if (count === 0) return query ? 'Nothing fits.' : 'Nothing has been recorded yet.';
  return `${count}${next ? ' and more' : ''}`;
}

function createCard({ id }) {
  return element('li', {}, element('a', { class: 'recording', href: `/vod/${id}` },
    element('div', { class: 'thumb' }, element('span', { class: 'state badge' }), element('span', { class: 'length badge' })),
    element('span', { class: 'title' }), element('span', { class: 'facts soft small' })));
}

function update(card, recording) {
  card.querySelector('.title').textContent = titleOf(recording);
  card.querySelector('.facts').textContent = [recording.title && recording.stream, describeWhen(recording.startedAt), recording.height && `${recording.height}p`]
    .filter(Boolean).join(' · ');
  const badge = card.querySelector('.state');
  const { text, kind } = stateBadge(recording);
  badge.hidden = !text;
  badge.textContent = text;
  badge.classList.toggle('live', kind === 'live');
  card.querySelector('.length').textContent = formatDuration(recording.duration * 1000);
  drawThumb(card.querySelector('.thumb'), recording);
}

function drawThumb(thumb, { poster, stream }) {
  const wanted = poster ?? 'art';
  if (thumb.dataset.shows === wanted) return;
  thumb.dataset.shows = wanted;
  thumb.querySelector(':scope > img, :scope > .drawn')?.remove();
  const picture = poster
    ? element('img', { src: token ? `${poster}?token=${encodeURIComponent(token)}` : poster, alt: '', loading: 'lazy' })
    : element('div', { class: 'drawn', 'aria-hidden': 'true' });
  if (!poster) picture.innerHTML = streamArt(stream);
  thumb.prepend(picture);
}

poll(refresh, 5000);
