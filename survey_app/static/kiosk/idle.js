/** Notices that nobody is there any more: a warning for the last seconds, then the end. */

export function createIdle({ onWarn, onReturn, onExpire }) {
  let quiet = 0;
  let warned = false;
  let timer = 0;
  let running = null;

  function warn() {
    warned = true;
    onWarn(running.warning);
    timer = setTimeout(expire, running.warning);
  }

  function expire() {
    const { expired } = running;
    stop();
    expired();
  }

  /** Watch for `total` seconds without a touch, warning for the last `warning` of them. */
  function watch(total, warning, expired = onExpire) {
    stop();
    running = { total: total * 1000, warning: Math.min(warning, total) * 1000, expired };
    quiet = running.total - running.warning;
    timer = setTimeout(warning > 0 ? warn : expire, quiet);
  }

  /** Somebody is there: start over. */
  function touch() {
    if (!running) return;
    clearTimeout(timer);
    if (warned) onReturn();
    warned = false;
    timer = setTimeout(running.warning > 0 ? warn : expire, quiet);
  }

  function stop() {
    clearTimeout(timer);
    if (warned) onReturn();
    warned = false;
    running = null;
  }

  return { watch, touch, stop };
}
