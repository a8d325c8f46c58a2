/**
 * Sends what the tablet keeps. An entry leaves only on a verdict that names its id; whatever
 * else comes back, everything stays and is tried again later.
 */

import { pauseAfter } from "./backoff.js";
import { ask } from "./door.js";
import { forgetRefused, oldest, recall, requeueRefused, settle } from "./store.js";
import { ratingsOf } from "./submission.js";

const BATCH = 50;
// Small bodies get through weak networks; a batch of long comments is cut before it gets there.
const BYTES = 56_000;
const LOCK = "rey-outbox";
// Whoever looks after tablets has had this long to see that ratings were refused, and why.
const REFUSED_KEPT = 90 * 86_400_000;

/** Start the outbox. `onEnded(token)` hears that the server no longer knows the credential. */
export function createOutbox({ onEnded }) {
  let size = BATCH;
  let failures = 0;
  let timer = 0;
  let notBefore = 0;
  let busy = false;
  let asked = false;
  // Entries the server would not even read, left aside for now so that the others go on.
  const aside = new Set();

  /** Try now: a new rating, the network is back, the page started. */
  function wake() {
    clearTimeout(timer);
    if (busy) {
      asked = true;
      return;
    }
    const wait = notBefore - performance.now();
    if (wait > 0) {
      timer = setTimeout(wake, wait);
      return;
    }
    busy = true;
    alone(send).catch(() => "failed").then(after);
  }

  function after(outcome) {
    busy = false;
    const again = asked;
    asked = false;
    if (outcome === "progress") {
      failures = 0;
      wake();
    } else if (outcome === "smaller") {
      // At most six times in a row, so no failure to be waited out.
      sleep(pauseAfter(1));
    } else if (outcome === "failed") {
      failures += 1;
      sleep(pauseAfter(failures));
    } else if (outcome === "elsewhere") {
      sleep(pauseAfter(4));
    } else if (again) {
      wake();
    }
  }

  function sleep(seconds) {
    timer = setTimeout(wake, Math.max(seconds * 1000, notBefore - performance.now()));
  }

  /** One round: "progress", "smaller", "failed", "empty" or "ended". */
  async function send() {
    const token = await recall("token");
    if (!token) return "ended";
    const entries = await oldest(size, aside);
    const { ratings, unreadable } = await ratingsOf(entries);
    if (unreadable.length > 0) {
      // Staff are told of them as of any other that was refused; the next round sends the rest.
      // The server was not asked, but its clock is the one by which they are forgotten.
      const now = Date.now() + ((await recall("skew")) ?? 0);
      await settle([], unreadable.map((entry) => ({ entry, reason: "unreadable" })), new Date(now).toISOString());
      return "progress";
    }
    const batch = fitting(ratings);
    if (batch.length === 0) return nothingToSend();
    const answer = await ask("/api/v1/ratings", {
      method: "POST",
      token,
      body: JSON.stringify({ sent_at: new Date().toISOString(), ratings: batch }),
    });
    if (answer.retryAfter > 0 && [429, 503].includes(answer.status)) {
      notBefore = performance.now() + answer.retryAfter * 1000;
    }
    if (answer.status === 401) {
      onEnded(token);
      return "ended";
    }
    // A batch refused entry by entry may come as an error; its verdicts count like any others.
    const verdicts = [200, 422].includes(answer.status) ? answer.body.verdicts : null;
    if (Array.isArray(verdicts)) {
      return letGo(entries.slice(0, batch.length), verdicts, instantOf(answer.body.server_time));
    }
    return [400, 413, 422].includes(answer.status) ? refuse(batch) : "failed";
  }

  function nothingToSend() {
    if (aside.size === 0) return "empty";
    aside.clear();
    size = BATCH;
    failures = Math.max(failures, 9);
    return "failed";
  }

  /** The document as a whole was refused: find out which entry it cannot take. */
  function refuse(batch) {
    if (batch.length === 1) {
      aside.add(batch[0].sequence);
      return "failed";
    }
    size = Math.ceil(batch.length / 2);
    return "smaller";
  }

  async function letGo(batch, verdicts, at) {
    const entries = new Map(batch.map((entry) => [entry.submission_id, entry]));
    const recorded = [];
    const refused = [];
    for (const verdict of verdicts) {
      const entry = entries.get(verdict?.submission_id);
      if (!entry) continue;
      if (["recorded", "already_recorded"].includes(verdict.status)) recorded.push(entry.sequence);
      else if (verdict.status === "rejected") refused.push({ entry, reason: verdict.reason ?? null });
      else continue;
      entries.delete(verdict.submission_id);
    }
    if (recorded.length + refused.length === 0) return "failed";
    await settle(recorded, refused, at);
    size = Math.min(BATCH, size * 2);
    return "progress";
  }

  addEventListener("online", wake);
  return {
    wake,

    /** Ask the server again about what it refused; with a page's `version` once for each. */
    async again(version) {
      await requeueRefused(version);
      wake();
    },

    /**
     * Forget what was refused long ago. Only by the server's clock, which also noted the refusal:
     * a tablet's may jump by years.
     */
    async tidy(serverTime) {
      const now = Date.parse(serverTime);
      if (Number.isFinite(now)) await forgetRefused(new Date(now - REFUSED_KEPT).toISOString());
    },
  };
}

/** The server's time, if it told one, else ours. */
function instantOf(serverTime) {
  const told = Date.parse(serverTime);
  return new Date(Number.isFinite(told) ? told : Date.now()).toISOString();
}

/** The first entries that fit into one document; at least one. */
function fitting(entries) {
  const encoder = new TextEncoder();
  let bytes = 0;
  const end = entries.findIndex((entry, place) => {
    bytes += encoder.encode(JSON.stringify(entry)).length + 1;
    return bytes > BYTES && place > 0;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

/** Run `work` unless another tab is sending: then there is nothing to do here. */
function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : "elsewhere"));
}
