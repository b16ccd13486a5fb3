/**
 * Runs a task again and again while the page is visible, and at once when it becomes visible.
 * @param {() => Promise<unknown>} task Its failures are its own business.
 * @param {number} intervalMs Between the end of one run and the start of the next.
 * @returns {() => void} Stops it.
 */
export function poll(task, intervalMs) {
  let timer;
  let running = false;
  let stopped = false;
  const run = async () => {
    if (running || stopped || document.hidden) return;
    running = true;
    clearTimeout(timer);
    await task().catch(() => {});
    running = false;
    if (!stopped && !document.hidden) timer = setTimeout(run, intervalMs);
  };
  const onVisibility = () => (document.hidden ? clearTimeout(timer) : run());
  document.addEventListener('visibilitychange', onVisibility);
  run();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
