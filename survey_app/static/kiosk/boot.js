/**
 * Reloads a page whose modules did not start: a half-written cache, a version that fails. It is
 * no module itself, so that none of them can take it along. After a few such starts the worker
 * answers with the version before (sw.js). Without a worker a reload would help nobody.
 */
setTimeout(() => {
  const isStarted = "started" in document.documentElement.dataset;
  if (!isStarted && navigator.serviceWorker?.controller) location.reload();
}, 30_000);
