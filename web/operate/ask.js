const $ = (selector) => document.querySelector(selector);

/**
 * Asks before something is done that people notice.
 * @returns {Promise<boolean>}
 */
export function ask(text, yes, no) {
  const dialog = $('#confirm');
  $('#confirm-text').textContent = text;
  $('#confirm-yes').textContent = yes;
  $('#confirm-no').textContent = no;
  return opened(dialog).then((answer) => answer === 'yes');
}

/**
 * Asks by a form.
 * @param {HTMLDialogElement} dialog With a form of the method "dialog", whose yes is the value "yes".
 * @param {Record<string, string>} [values] What stands in the form at first, by names.
 * @returns {Promise<FormData | undefined>} Nothing when it was left.
 */
export async function askForm(dialog, values = {}) {
  const form = dialog.querySelector('form');
  form.reset();
  // No button that submits: Enter in a field would press it.
  form.querySelector('[data-leave]').onclick = () => dialog.close('');
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  return (await opened(dialog)) === 'yes' ? new FormData(form) : undefined;
}

function opened(dialog) {
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => { dialog.onclose = () => resolve(dialog.returnValue); });
}
