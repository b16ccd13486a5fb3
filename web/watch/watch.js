import '../shared/broadcast-player.js';
import { Rewind } from './rewind.js';
import { takeToken } from '../shared/http/token.js';
import { makeCopyButton } from '../shared/ui/copy.js';
import { formatBitrate, formatCodec } from '../shared/ui/format.js';
import { fillIcons } from '../shared/ui/icons.js';

const $ = (selector) => document.querySelector(selector);
const name = decodeURIComponent(location.pathname.split('/').filter(Boolean)[1] ?? '');
const token = takeToken('watch');
const parameters = new URLSearchParams(location.search);
const quality = parameters.get('quality');
document.body.classList.toggle('embed', parameters.has('embed'));
const source = `${location.origin}/whep/${encodeURIComponent(name)}`;

$('#title').textContent = name;
document.title = `${name} – Broadcast`;
fillIcons();
makeCopyButton($('#copy-link'), () => location.href);
$('#embed-code').textContent = `<script type="module" src="${location.origin}/shared/broadcast-player.js"></script>\n`
  + `<broadcast-player src="${source}"></broadcast-player>`;
makeCopyButton($('#copy-embed'), () => $('#embed-code').textContent);

const player = document.createElement('broadcast-player');
const attributes = { src: source, label: `Live video: ${name}`, autoplay: '', ...(token && { token }), ...(quality && { quality }) };
for (const [attribute, value] of Object.entries(attributes)) player.setAttribute(attribute, value);
player.addEventListener('stats', ({ detail }) => {
  if (player.state !== 'playing') return;
  const { height, videoCodec, audioCodec, bitsPerSecond } = detail;
  $('#facts').textContent = [height && `${height}p`, formatCodec(videoCodec ?? audioCodec), formatBitrate(bitsPerSecond)]
    .filter((fact) => fact && fact !== '–').join(' · ');
});
for (const type of ['waiting', 'error']) player.addEventListener(type, () => { $('#facts').textContent = ''; });
$('#stage').append(player);
new Rewind({ stream: name, token, player, stage: $('#stage'), button: $('#rewind') });

// The keys work wherever the focus is, except where they mean something else.
addEventListener('keydown', (event) => {
  if (player.hidden) return;
  const elsewhere = event.target === document.body || event.target === document.documentElement;
  if (elsewhere && !player.dispatchEvent(new KeyboardEvent('keydown', event))) event.preventDefault();
});
