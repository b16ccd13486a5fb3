import { request } from '../shared/http/request.js';
import { makeCopyButton } from '../shared/ui/copy.js';
import { ask, askForm } from './ask.js';

const $ = (selector) => document.querySelector(selector);

/** What an operator can do; each says by `problem` when it could not be done, and tells whether it was. */
export class Actions {
  #token;
  #feed;
  #problem;
  #minted = '';

  /** @param {{ token?: string, feed: import('./feed/connection.js').Feed, problem: (text: string) => void }} page */
  constructor({ token, feed, problem }) {
    [this.#token, this.#feed, this.#problem] = [token, feed, problem];
    makeCopyButton($('#minted-copy'), () => this.#minted);
  }

  async drain(node, begin) {
    if (begin && !await ask(`Drain ${node}? It takes nobody new, and its viewers and child nodes go elsewhere, until it is undrained.`, 'Drain', 'Leave it')) return false;
    return this.#send(begin ? 'POST' : 'DELETE', `/api/v1/nodes/${encodeURIComponent(node)}/drain`);
  }

  async end({ id, node, publisher }) {
    const question = publisher ? 'End this publication? Its broadcaster may connect again by itself.' : 'End this viewer’s session? The player may connect again by itself.';
    if (!await ask(question, 'End session', 'Keep it')) return false;
    return this.#try(async () => { if (!await this.#feed.endSession(node, id)) throw new Error('The session is over already, or its node does not answer.'); });
  }

  record(stream, begin) {
    return this.#send(begin ? 'POST' : 'DELETE', `/api/v1/streams/${encodeURIComponent(stream)}/recording`);
  }

  /** @param {{ address?: string, subject?: string }} whom One of the two. */
  async ban({ address, subject }) {
    $('#ban-title').textContent = address ? `Keep out ${address}?` : 'Keep out whoever has this token?';
    const form = await askForm($('#ban'));
    if (!form) return false;
    return this.#send('POST', '/api/v1/bans', { address, subject, ttlSeconds: Number(form.get('length')), reason: form.get('reason') }, async (answer) => {
      const { notTold } = await answer.json();
      if (notTold.length > 0) this.#problem(`The ban is in force, but these nodes could not be told: ${notTold.join(', ')}.`);
    });
  }

  async lift({ id, address, subject }) {
    if (!await ask(`Let ${address ?? `the token of ${subject}`} in again?`, 'Lift the ban', 'Leave it')) return false;
    return this.#send('DELETE', `/api/v1/bans/${encodeURIComponent(id)}`);
  }

  /** @param {string} [stream] What the form says at first. */
  async mint(stream = '*') {
    const form = await askForm($('#mint'), { stream });
    if (!form) return false;
    const wish = { scope: form.getAll('scope').join(' '), stream: form.get('stream'), ttlSeconds: Number(form.get('length')) };
    return this.#send('POST', '/api/v1/tokens', wish, async (answer) => {
      this.#minted = (await answer.json()).token;
      $('#minted-token').textContent = this.#minted;
      $('#minted').onclose = () => { $('#minted-token').textContent = this.#minted = ''; };
      $('#minted').showModal();
    });
  }

  #send(method, url, body, then = () => {}) {
    return this.#try(async () => {
      const json = body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      await then(await request(url, { method, token: this.#token, ...json }));
    });
  }

  async #try(work) {
    this.#problem('');
    try {
      await work();
      return true;
    } catch (error) {
      this.#problem(error.message);
      return false;
    }
  }
}
