import { getJson, request } from '../shared/http/request.js';
import { element } from '../shared/ui/element.js';
import { formatDuration } from '../shared/ui/format.js';
import { poll } from '../shared/ui/poll.js';
import { parseMoment } from './words.js';

const $ = (selector) => document.querySelector(selector);
const names = { finish: 'Finishing', upload: 'Storing', clip: 'Clip', export: 'Export' };
const states = { queued: 'waits', running: '', failed: 'failed', cancelled: 'cancelled' };

/** What an operator may do with a recording; not shown to others. */
export class RecordingTools {
  #id;
  #token;
  #player;
  #onChanged;
  #running = new Set();

  /** @param {{ id: string, token?: string, player: import('../shared/recording-player.js').RecordingPlayer, onChanged: () => void }} options */
  constructor({ id, token, player, onChanged }) {
    this.#id = id;
    this.#token = token;
    this.#player = player;
    this.#onChanged = onChanged;
  }

  /** Shows the tools if the caller may use them, and keeps the list of jobs fresh. */
  async start() {
    if (!(await this.#isOperator())) return;
    $('#tools').hidden = false;
    poll(() => this.#readJobs(), 1500);
    this.#onSubmit('#naming', () => this.#rename());
    this.#onSubmit('#cutting', () => this.#cut());
    this.#onSubmit('#exporting', () => this.#export());
    for (const end of ['from', 'to']) {
      $(`#${end}-here`).addEventListener('click', () => { $(`#${end}`).value = formatDuration(this.#player.position * 1000); });
    }
    $('#delete').addEventListener('click', () => this.#try(() => this.#delete()));
  }

  async #isOperator() {
    try {
      if (!this.#token) return !(await getJson('/api/v1/info')).tokenRequired;
      return (await getJson('/api/v1/whoami?scope=operate', { token: this.#token })).scopes.includes('operate');
    } catch {
      return false;
    }
  }

  /** @param {import('../shared/vod/timeline.js').Timeline} timeline */
  show({ index, duration, files }) {
    if (!$('#naming').contains(document.activeElement)) {
      $('#new-title').value = index.title;
      $('#new-tags').value = index.tags.join(', ');
    }
    if (!$('#to').value) $('#to').value = formatDuration(duration * 1000);
    for (const form of ['#cutting', '#exporting']) $(`${form} [type=submit]`).disabled = files.length === 0;
    this.#showClips(index.clips ?? []);
  }

  #showClips(clips) {
    $('#clips-box').hidden = clips.length === 0;
    $('#clips').replaceChildren(...clips.map(({ url, title, name, duration, bytes }) => element('li', {},
      element('div', { class: 'line' },
        element('a', { href: this.#address(url) }, title || name),
        element('span', { class: 'soft small' }, `${formatDuration(duration * 1000)} · ${(bytes / 1e6).toFixed(1)} MB`)))));
  }

  async #readJobs() {
    const { jobs } = await getJson(`/api/v1/jobs?recording=${encodeURIComponent(this.#id)}`, { token: this.#token });
    const open = jobs.filter(({ state }) => state !== 'done' && state !== 'cancelled');
    $('#jobs').replaceChildren(...open.map((job) => this.#jobLine(job)));
    const running = new Set(open.filter(({ state }) => state !== 'failed').map(({ id }) => id));
    if ([...this.#running].some((id) => !running.has(id))) this.#onChanged(); // something has been made
    this.#running = running;
  }

  #jobLine({ id, kind, state, progress, error }) {
    const line = element('div', { class: 'line' }, element('span', { class: 'small' }, [names[kind] ?? kind, states[state]].filter(Boolean).join(' ')));
    if (state !== 'failed' && (kind === 'clip' || kind === 'export')) {
      const cancel = element('button', { class: 'button little plain', type: 'button' }, 'Cancel');
      cancel.addEventListener('click', () => this.#try(() => this.#send('DELETE', `/api/v1/jobs/${id}`)));
      line.append(cancel);
    }
    const item = element('li', {}, line);
    if (state === 'running') item.append(element('progress', { value: progress, max: 1, 'aria-label': names[kind] ?? kind }));
    if (error) item.append(element('span', { class: 'soft small' }, error));
    return item;
  }

  async #rename() {
    const tags = $('#new-tags').value.split(',').map((tag) => tag.trim()).filter(Boolean);
    await this.#send('PATCH', this.#recording, { title: $('#new-title').value.trim(), tags });
    this.#onChanged();
  }

  async #cut() {
    const [from, to] = ['#from', '#to'].map((field) => parseMoment($(field).value));
    if (!(from >= 0 && to > from)) throw new Error('Give two moments such as 1:20 and 2:05, the first one earlier.');
    await this.#send('POST', `${this.#recording}/clips`, { from, to, title: $('#clip-title').value.trim() });
    await this.#readJobs();
  }

  async #export() {
    const [format, video] = $('#format').value.split(' ');
    await this.#send('POST', `${this.#recording}/exports`, { format, video });
    await this.#readJobs();
  }

  async #delete() {
    if (!confirm('Delete this recording and everything made of it? It cannot be brought back.')) return;
    await this.#send('DELETE', this.#recording);
    location.assign('/vod');
  }

  #onSubmit(form, action) {
    $(form).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try(action);
    });
  }

  async #try(action) {
    const problem = $('#tool-problem');
    problem.hidden = true;
    try {
      await action();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  #send(method, url, body) {
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    return request(url, { method, token: this.#token, headers, body: body && JSON.stringify(body) });
  }

  get #recording() {
    return `/api/v1/recordings/${encodeURIComponent(this.#id)}`;
  }

  #address(url) {
    return this.#token ? `${url}?token=${encodeURIComponent(this.#token)}` : url;
  }
}
