/**
 * The set-up document: fetched at start, when the heartbeat hears of another, and every hour;
 * kept for the days without a network.
 */

import { pauseAfter } from "./backoff.js";
import { ask } from "./door.js";
import { keepSetup, noteSkew, recall } from "./store.js";

const HOUR = 3_600_000;

/** The set-up kept from an earlier day, or null. */
export async function keptSetup() {
  const setup = await recall("setup");
  return isUsable(setup) ? withOwnLanguage(setup) : null;
}

/**
 * Fetch and keep the set-up with this credential. Gives {setup, refused, retryAfter}: `setup` is
 * null when the answer was not a set-up document, `refused` says that the credential is unknown.
 */
async function fetchSetup(token) {
  const { status, body, retryAfter, skew } = await ask("/api/v1/kiosk", { token });
  await noteSkew(skew);
  const setup = status === 200 && isUsable(body) ? body : null;
  if (setup) await keepSetup(setup, token);
  return { setup: setup && await withOwnLanguage(setup), refused: status === 401, retryAfter };
}

/** The set-up with the language that staff chose for this tablet, if they did, in the first place. */
async function withOwnLanguage(setup) {
  const own = await recall("language");
  return own ? { ...setup, default_language: own } : setup;
}

/** Refresh every hour, and sooner after a failure or when the network is back. */
export function keepFresh({ onSetup, onEnded }) {
  let timer = 0;
  let failures = 0;

  async function refresh() {
    clearTimeout(timer);
    const token = await recall("token").catch(() => null);
    if (!token) return;
    const { setup, refused, retryAfter } = await fetchSetup(token).catch(() => ({}));
    if (refused) return void onEnded(token);
    failures = setup ? 0 : failures + 1;
    if (setup) onSetup(setup);
    const pause = setup ? HOUR : Math.max(pauseAfter(failures), retryAfter ?? 0) * 1000;
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  }

  addEventListener("online", refresh);
  return { refresh };
}

/** Whether the page can ask its first question with this document. */
function isUsable(setup) {
  const { tablet, touchpoint, survey, default_language: language } = setup ?? {};
  if (!tablet || !touchpoint || !Array.isArray(survey?.questions)) return false;
  const first = survey.questions.find((question) => question.role === "satisfaction");
  return Number.isInteger(survey.version)
    && first?.options?.length === 5
    && typeof first.text?.[language] === "string"
    && first.options.every((option) => typeof option.text?.[language] === "string");
}
