/**
 * Copies text; where the clipboard is not available (insecure origin, refusal) by a selection.
 * @param {string} text
 * @returns {Promise<boolean>} Whether it was copied.
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = Object.assign(document.createElement('textarea'), { value: text, readOnly: true });
  area.style.cssText = 'position:fixed;opacity:0';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy'); // deprecated, and the only way on plain http
  } catch {
    return false;
  } finally {
    area.remove();
    focused?.focus?.();
  }
}

/**
 * Makes a button copy; it says so for a moment, also to screen readers.
 * @param {HTMLButtonElement} button With a `.label` inside and `aria-live` on it.
 * @param {() => string} text
 */
export function makeCopyButton(button, text) {
  const label = button.querySelector('.label') ?? button;
  const original = label.textContent;
  let timer;
  button.addEventListener('click', async () => {
    label.textContent = (await copyText(text())) ? 'Copied' : 'Press Ctrl+C to copy';
    clearTimeout(timer);
    timer = setTimeout(() => { label.textContent = original; }, 2000);
  });
}
