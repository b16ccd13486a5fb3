import '../shared/broadcast-player.js';
import { takeToken } from '../shared/http/token.js';
import { makeCopyButton } from '../shared/ui/copy.js';
import { formatBitrate, formatCodec } from '../shared/ui/format.js';
import { fillIcons } from '../shared/ui/icons.js';

const $ = (selector) => document.querySelector(selector);
const name = decodeURIComponent(location.pathname.split('/').filter(Boolean)[1] ?? '');
const token = takeToken('watch');
document.body.classList.toggle('embed', new URLSearchParams(location.search).has('embed'));
const source = `${location.origin}/whep/${encodeURIComponent(name)}`;

$('#title').textContent = name;
document.title = `${name} – Broadcast`;
fillIcons();
makeCopyButton($('#copy-link'), () => location.href);
$('#embed-code').textContent = `<script type="module" src="${location.origin}/shared/broadcast-player.js"></script>\n`
  + `<broadcast-player src="${source}"></broadcast-player>`;
makeCopyButton($('#copy-embed'), () => $('#embed-code').textContent);

const player = document.createElement('broadcast-player');
const attributes = { src: source, label: `Live video: ${name}`, autoplay: '', ...(token ? { token } : {}) };
for (const [attribute, value] of Object.entries(attributes)) player.setAttribute(attribute, value);
player.addEventListener('stats', ({ detail }) => {
  if (player.state !== 'playing') return;
  const { height, videoCodec, audioCodec, bitsPerSecond } = detail;
  $('#facts').textContent = [height && `${height}p`, formatCodec(videoCodec ?? audioCodec), formatBitrate(bitsPerSecond)]
    .filter((fact) => fact && fact !== '–').join(' · ');
});
for (const type of ['waiting', 'error']) player.addEventListener(type, () => { $('#facts').textContent = ''; });
$('#stage').append(player);

// The keys work wherever the focus is, except where they mean something else.
addEventListener('keydown', (event) => {
  const elsewhere = event.target === document.body || event.target === document.documentElement;
  if (elsewhere && !player.dispatchEvent(new KeyboardEvent('keydown', event))) event.preventDefault();
});
