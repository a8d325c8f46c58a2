/** Installs the service worker and lets a new version in, only while nobody is rating. */

/** `isIdle()` says whether a reload would disturb anybody. */
export function startWorker({ url, isIdle }) {
  let registration = null;
  let renewed = false;
  let reloading = false;
  if (!("serviceWorker" in navigator)) return { letIn() {}, check() {} };

  // Without a controller the first worker is only taking charge; there is nothing to reload.
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    renewed = controlled;
    controlled = true;
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

  register().catch(() => {});
  return {
    letIn,
    /** Ask the server whether there is a new version. */
    check() { registration?.update().catch(() => {}); },
  };
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
