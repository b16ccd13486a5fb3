import '../shared/recording-player.js';
import { takeToken } from '../shared/http/token.js';
import { makeCopyButton } from '../shared/ui/copy.js';
import { element } from '../shared/ui/element.js';
import { formatDuration } from '../shared/ui/format.js';
import { fillIcons } from '../shared/ui/icons.js';
import { RecordingTools } from './tools.js';
import { describeGap, describeWhen, parseMoment, titleOf } from './words.js';

const $ = (selector) => document.querySelector(selector);
const id = decodeURIComponent(location.pathname.split('/').filter(Boolean)[1] ?? '');
const token = takeToken('vod') ?? takeToken('operate');
const wanted = new URLSearchParams(location.search).get('t');

fillIcons();
const player = document.createElement('recording-player');
const start = wanted === null ? NaN : parseMoment(wanted);
const attributes = { src: `/vod/${encodeURIComponent(id)}/index.json`, label: 'Recording', ...(token && { token }), ...(start > 0 && { start }) };
for (const [name, value] of Object.entries(attributes)) player.setAttribute(name, value);
player.addEventListener('timeline', ({ detail }) => show(detail.timeline));
player.addEventListener('position', ({ detail }) => markChapter(detail.position));
player.addEventListener('error', () => { if (!player.timeline) $('#title').textContent = 'No such recording'; });
$('#stage').append(player);

makeCopyButton($('#share'), () => {
  const address = new URL(location.href);
  address.searchParams.delete('token');
  const seconds = Math.floor(player.position);
  if (seconds > 0) address.searchParams.set('t', String(seconds));
  else address.searchParams.delete('t');
  return address.href;
});

const tools = new RecordingTools({ id, token, player, onChanged: () => player.refresh().catch(() => {}) });
tools.start();

function show(timeline) {
  const { index } = timeline;
  $('#title').textContent = titleOf(index);
  document.title = `${titleOf(index)} – Broadcast`;
  const part = timeline.files[0] ?? timeline.segments[0];
  $('#facts').textContent = [
    index.title && index.stream, describeWhen(index.startedAt), formatDuration(timeline.duration * 1000), part?.height && `${part.height}p`,
    { recording: 'being recorded', interrupted: 'interrupted', finishing: 'being finished', failed: 'failed' }[index.state],
  ].filter(Boolean).join(' · ');
  $('#problem').textContent = index.error ?? '';
  $('#problem').hidden = !index.error;
  $('#tags').replaceChildren(...index.tags.map((tag) => element('li', { class: 'badge' }, tag)));
  showDownloads(timeline);
  showChapters(timeline);
  tools.show(timeline);
}

function showDownloads({ files }) {
  const starts = [...new Set(files.map(({ start }) => Math.round(start)))];
  const links = files.map((file) => {
    const size = `${(file.bytes / 1e6).toFixed(file.bytes < 1e7 ? 1 : 0)} MB`;
    const part = starts.length > 1 ? ` part ${starts.indexOf(Math.round(file.start)) + 1}` : '';
    // The same stretch may be there in two containers.
    const kind = files.length > starts.length ? ` ${{ mkv: 'Matroska' }[file.name.split('.').pop()] ?? file.name.split('.').pop().toUpperCase()}` : '';
    const name = `Download${part}${kind}`;
    return element('a', { class: 'button', href: addressOf(`${file.url}?download`), download: '' }, `${name} (${size})`);
  });
  $('#downloads').replaceChildren(...links);
}

let chapters = [];
function showChapters({ chapters: named, gaps }) {
  const list = [...named.map(({ at, name }) => ({ at, name })), ...gaps.map((gap) => ({ at: gap.at, name: describeGap(gap) }))].sort((a, b) => a.at - b.at);
  if (JSON.stringify(list) === JSON.stringify(chapters)) return;
  chapters = list;
  $('#chapter-box').hidden = list.length < 2;
  $('#chapters').replaceChildren(...list.map(({ at, name }) => {
    const button = element('button', { type: 'button' }, element('span', { class: 'at' }, formatDuration(at * 1000)), name);
    button.addEventListener('click', () => {
      player.seek(at);
      player.play();
    });
    return element('li', {}, button);
  }));
}

function markChapter(position) {
  const present = chapters.findLastIndex(({ at }) => at <= position + 0.2);
  [...$('#chapters').children].forEach((item, index) => {
    const button = item.firstElementChild;
    if (index === present) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  });
}

function addressOf(url) {
  const address = new URL(url, location.href);
  if (token) address.searchParams.set('token', token);
  return address.href;
}
