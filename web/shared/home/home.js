import { getJson } from '../http/request.js';
import { takeToken } from '../http/token.js';
import { fillIcons } from '../ui/icons.js';
import { poll } from '../ui/poll.js';
import { StreamCards } from './stream-cards.js';
import { showTools } from './tool-tabs.js';
import { publishingTools } from './tools.js';

const token = takeToken('home');
const cards = new StreamCards(document.querySelector('#streams'));
const summary = document.querySelector('#summary');
const problem = document.querySelector('#problem');

fillIcons();
showTools(document.querySelector('#how'), publishingTools(location.origin));

poll(async () => {
  try {
    const live = (await getJson('/api/v1/streams', { token })).filter((stream) => stream.active);
    problem.hidden = true;
    cards.show(live);
    say(live.length === 0 ? 'Nobody is live at the moment. This page shows it as soon as somebody is.'
      : live.length === 1 ? 'One broadcast' : `${live.length} broadcasts`);
  } catch (error) {
    problem.textContent = error.status === 401 || error.status === 403
      ? 'The list of broadcasts is not public on this server. A watch link still works.'
      : `${error.message} Trying again…`;
    problem.hidden = false;
    if (!summary.dataset.known) say('');
  }
  document.querySelector('#how').hidden = false;
}, 2000);

/** Screen readers hear changes only, not every refresh. */
function say(text) {
  summary.dataset.known = text;
  if (summary.textContent !== text) summary.textContent = text;
}
