import { getJson } from '../shared/http/request.js';
import { takeToken } from '../shared/http/token.js';
import { createOutboundSampler } from '../shared/stats/outbound.js';
import { makeCopyButton } from '../shared/ui/copy.js';
import { formatDuration } from '../shared/ui/format.js';
import { fillIcons, icon } from '../shared/ui/icons.js';
import { poll } from '../shared/ui/poll.js';
import { WhipClient } from '../shared/whip.js';
import { devicesAvailable } from './capture.js';
import { DeviceLists } from './devices.js';
import { captureProblem, insecureOrigin, publishProblem } from './errors.js';
import { Health } from './health.js';
import { LayerTable } from './layer-table.js';
import { Launch } from './launch.js';
import { LevelMeter } from './level-meter.js';
import { askPermission } from './permission.js';
import { RecordSwitch } from './record-switch.js';
import { encodingOf, SettingsForm } from './settings.js';
import { namePattern, prepareName, rememberName } from './stream-name.js';
import { Studio } from './studio.js';
import { WakeLock } from './wake-lock.js';

const $ = (selector) => document.querySelector(selector);
const token = takeToken('publish');
const settings = new SettingsForm($('#settings'));
const studio = new Studio();
const launch = new Launch(studio, openAll);
const devices = new DeviceLists({ camera: $('#camera'), microphone: $('#microphone') });
const meter = new LevelMeter($('#level'));
const health = new Health($('#health .tiles'));
const layerTable = new LayerTable($('#layers-sent'));
const wakeLock = new WakeLock();
const sample = createOutboundSampler();
const nameField = $('#stream-name');

let client;
let pictureSource = settings.value.source;
let liveSince;
let viewers;

const states = { opening: 'Opening devices…', connecting: 'Connecting…', live: 'Live', reconnecting: 'Reconnecting…' };
const live = () => Boolean(client) && client.state !== 'idle' && client.state !== 'failed';
const watchLink = () => `${location.origin}/watch/${nameField.value.trim()}`;

const recordSwitch = new RecordSwitch($('#record'), { stream: () => nameField.value.trim(), token, live: () => client?.state === 'live' });

fillIcons();
prepareName(nameField);
makeCopyButton($('#copy-link'), watchLink);

askPermission(token).then(({ stream, problem }) => {
  if (problem) showProblem(problem);
  if (!stream) return;
  nameField.value = stream;
  nameField.readOnly = true;
});

// :: Devices and preview

devices.refresh();
if (!devicesAvailable()) {
  showProblem(insecureOrigin);
  $('#open-devices').disabled = $('#go-live').disabled = true;
} else {
  alreadyAllowed().then((allowed) => allowed && studio.idle && openAll());
}
$('#open-devices').addEventListener('click', openAll);

$('#settings').addEventListener('change', async ({ target: { name } }) => {
  showProblem('');
  const value = settings.value;
  if (['source', 'camera', 'screenSound'].includes(name)) {
    if (await studio.openPicture(value)) pictureSource = value.source;
    else if (value.source === 'screen') settings.source = pictureSource; // the chooser was closed: all stays as it was
  } else if (['height', 'fps'].includes(name)) {
    await studio.resizePicture(value);
  } else if (['microphone', 'echoCancellation', 'noiseSuppression', 'autoGainControl'].includes(name)) {
    await studio.openSound(value);
  }
  if (live()) client.configure(encodingOf(settings.value));
});

studio.addEventListener('stream', ({ detail: { stream } }) => {
  const [video] = stream.getVideoTracks();
  $('#preview').srcObject = video ? new MediaStream([video]) : null;
  $('#preview').classList.toggle('mirrored', settings.value.source === 'camera');
  showEmptyPreview(stream);
  meter.listen(studio.microphone);
  devices.refresh().then(() => {
    if (settings.value.source === 'camera') devices.mark('camera', video);
    devices.mark('microphone', studio.microphone);
  });
  if (!live()) return;
  if (stream.getTracks().length > 0) client.setStream(stream);
  else stop('Nothing is left to send, so the broadcast was ended.');
});

studio.addEventListener('problem', ({ detail: { kind, error } }) => {
  const text = captureProblem(kind, error);
  if (text) showProblem(text);
});

studio.addEventListener('lost', async ({ detail: { kind } }) => {
  await devices.refresh();
  if (kind === 'microphone') {
    showHint('The microphone was unplugged. The default one is used now.');
    await studio.openSound({ ...settings.value, microphone: '' });
  } else if (kind === 'camera') {
    showHint('The camera was unplugged. Another one is used if there is one.');
    await studio.openPicture({ ...settings.value, camera: '' });
  } else {
    showHint('Sharing the screen has ended.');
    settings.source = pictureSource = 'none';
    await studio.openPicture(settings.value);
  }
});

// :: Going live

$('#launch').addEventListener('submit', (event) => {
  event.preventDefault();
  if (launch.waiting) launch.cancel();
  else if (live()) stop();
  else goLive();
  showLaunch();
});

async function goLive() {
  showProblem('');
  showHint('');
  const name = nameField.value.trim();
  nameField.setAttribute('aria-invalid', String(!namePattern.test(name)));
  if (!namePattern.test(name)) {
    showProblem('The name may have 1 to 64 letters, digits, “-” and “_”.');
    nameField.focus();
    return;
  }
  const prepared = await launch.prepare();
  if (prepared === 'incomplete') showHint('You are not live yet. Press “Go live” again to go on without what is missing.');
  showLaunch();
  if (prepared !== 'ready') return;
  rememberName(name);
  client = new WhipClient(`/whip/${name}`, { token });
  client.addEventListener('state', ({ detail }) => onState(detail));
  client.addEventListener('layers', ({ detail: { note } }) => note && showHint(note));
  client.start(studio.stream, encodingOf(settings.value));
}

function stop(reason = '') {
  client?.stop();
  showProblem('');
  showHint(reason);
}

function onState({ state, error }) {
  const on = live();
  showProblem(error ? publishProblem(error) : '');
  if (state === 'live' && !liveSince) {
    liveSince = Date.now();
    recordSwitch.onLive();
  }
  if (!on) {
    liveSince = viewers = undefined;
    health.clear();
    layerTable.update([]);
  }
  wakeLock.wanted = on;
  settings.live = on;
  $('#health').hidden = !on;
  $('.preview').dataset.state = state;
  showLaunch();
  showClock();
}

addEventListener('beforeunload', (event) => {
  if (live()) event.preventDefault();
});

// :: Health, once a second

setInterval(async () => {
  showClock();
  const connection = client?.connection;
  if (!live() || !connection) return;
  const now = await sample(connection);
  health.update({ ...now, viewers });
  layerTable.update(now.layers);
}, 1000);

poll(async () => {
  if (client?.state !== 'live') return;
  ({ viewers } = await getJson(`/api/v1/streams/${nameField.value.trim()}`, { token }));
  $('#audience-count').textContent = String(viewers);
}, 2000);

// :: What is shown

function openAll() {
  studio.openSound(settings.value);
  studio.openPicture(settings.value);
}

/** Asking on arrival is rude; where permission was given before, the preview may start by itself. */
async function alreadyAllowed() {
  try {
    const states = await Promise.all(['camera', 'microphone'].map((name) => navigator.permissions.query({ name })));
    return states.every(({ state }) => state === 'granted');
  } catch {
    return false;
  }
}

/** The badge and the button: where the way from here to live stands. */
function showLaunch() {
  const { waiting } = launch;
  const state = waiting ? 'opening' : client?.state;
  const on = waiting || live();
  nameField.disabled = on;
  $('#state').textContent = states[state] ?? 'Off air';
  $('#state').classList.toggle('live', state === 'live');
  const button = $('#go-live');
  button.classList.toggle('danger', on && !waiting);
  button.classList.toggle('primary', !on);
  const [picture, label] = waiting ? ['<i class="spinner"></i>', 'Cancel'] : on ? [icon('stop'), 'Stop'] : [icon('live'), 'Go live'];
  button.innerHTML = `${picture}<span class="label">${label}</span>`;
}

function showEmptyPreview(stream) {
  const sound = stream.getAudioTracks().length > 0;
  $('#preview-empty').hidden = stream.getVideoTracks().length > 0;
  const wanted = settings.value.source !== 'none';
  $('#open-devices').hidden = sound && !wanted;
  $('#preview-text').textContent = sound ? wanted ? 'Your picture is not open yet.' : 'Sound only: viewers hear you and see no picture.'
    : 'Your picture appears here. Nobody sees it before you go live.';
}

function showClock() {
  $('#elapsed').hidden = liveSince === undefined;
  $('#audience').hidden = viewers === undefined;
  if (liveSince !== undefined) $('#elapsed').textContent = formatDuration(Date.now() - liveSince);
}

function showProblem(text) {
  $('#problem').hidden = !text;
  $('#problem p').textContent = text;
}

function showHint(text) {
  $('#hint').hidden = !text;
  $('#hint p').textContent = text;
}
