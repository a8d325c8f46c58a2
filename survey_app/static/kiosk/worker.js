/** Installs the service worker and lets a new version in, only while nobody is rating. */

// The worker's file is small, but there is no reason to ask for it with every heartbeat.
const CHECK_EVERY = 300_000;
// Set-up and ratings go first; recordings may come when the tablet has been up for a while.
const UNHURRIED = 20_000;

/** `isIdle()` says whether a reload would disturb anybody; `version` is this page's. */
export function startWorker({ url, version, isIdle }) {
  let registration = null;
  let renewed = false;
  let reloading = false;
  let checkedAt = performance.now();
  if (!("serviceWorker" in navigator)) {
    return { letIn() {}, check: async () => "none", started() { noteStart(); } };
  }

  // Without a controller the first worker is only taking charge; there is nothing to reload.
  let controlled = Boolean(navigator.serviceWorker.controller);
  let running = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    renewed = controlled;
    controlled = true;
    if (running && !renewed) tellStarted();
    letIn();
  });

  /** Let a waiting version in, or reload into the one that took over; never before somebody's eyes. */
  function letIn() {
    if (reloading || !isIdle()) return;
    if (renewed) {
      reloading = true;
      location.reload();
    } else {
      registration?.waiting?.postMessage("activate");
    }
  }

  async function register() {
    registration = await navigator.serviceWorker.register(trusted(url), { scope: "/kiosk/", updateViaCache: "none" });
    registration.addEventListener("updatefound", () => {
      const installing = registration.installing;
      installing?.addEventListener("statechange", () => { if (installing.state === "installed") letIn(); });
    });
    letIn();
  }

  const tell = (word) => navigator.serviceWorker.controller?.postMessage(word);
  function tellStarted() {
    tell({ started: version });
    setTimeout(() => tell("extras"), UNHURRIED);
  }

  register().catch(() => {});
  return {
    letIn,

    /** The page shows its first screen: the worker may let go of the version before. */
    started() {
      running = true;
      noteStart();
      tellStarted();
    },

    /**
     * Ask the server whether there is a new version, if it was not asked of late or `now`.
     * Tells "asked", "failed", or "none" when there is nothing to ask with.
     */
    async check({ now = false } = {}) {
      if (!registration) return "none";
      if (!now && performance.now() - checkedAt < CHECK_EVERY) return "asked";
      checkedAt = performance.now();
      return registration.update().then(() => "asked", () => "failed");
    },
  };
}

/** What boot.js waits for. */
function noteStart() {
  document.documentElement.dataset.started = "";
}

/** The policy that lets exactly one address become a script (Trusted Types). */
function trusted(url) {
  if (!globalThis.trustedTypes) return url;
  const policy = trustedTypes.createPolicy("rey-worker", {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError("not our worker");
      return asked;
    },
  });
  return policy.createScriptURL(url);
}
