/**
 * One rating from the first tap to the outbox. From the first tap a draft is on disk; the end of
 * the visit, whichever way it comes, turns the draft into an outbox entry exactly once.
 */

import { ratingOf } from "./flow.js";
import { dropDraft, finalise, keepDraft, listDrafts } from "./store.js";

/** A time-ordered id (RFC 9562, version 7): milliseconds, then 74 random bits. */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 5, rest = now; place >= 0; place -= 1, rest = Math.floor(rest / 256)) {
    bytes[place] = rest % 256;
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// The drafts of this page, which only the page itself may finalise.
const own = new Set();

/** Begin to keep a rating; `onFailure` hears of the first draft that could not be written. */
export function beginSubmission(onFailure) {
  const submission_id = uuid7();
  own.add(submission_id);
  const rated_at = new Date().toISOString();
  const lock = holdLock(lockName(submission_id));
  let kept = lock.held;
  let over = false;

  const draftOf = (visit, language) => ({ submission_id, rated_at, language, mode: "self", ...ratingOf(visit) });

  return {
    /** Keep the visit as it stands. The comment waits for its end: it may yet be taken back. */
    keep(visit, language) {
      if (over) return;
      const draft = { ...draftOf(visit, language), comment: null };
      kept = kept.then(() => keepDraft(draft));
      kept.catch(onFailure);
    },

    /** Keep nothing of it: the visitor is told that it could not be saved. */
    async abandon() {
      over = true;
      await dropDraft(submission_id).catch(() => {});
      lock.release();
    },

    /** Put the rating into the outbox; resolves when the disk has it, throws when it has not. */
    async finish(visit, language) {
      if (over) return;
      over = true;
      try {
        await kept;
        const sequence = await finalise(submission_id, draftOf(visit, language));
        if (sequence === undefined) throw new Error("the draft is gone: the store was cleared");
      } catch (error) {
        await this.abandon();
        throw error;
      }
      lock.release();
    },
  };
}

/** Finalise, as they stand, the drafts of pages that are gone: a crash, a power cut, a reload. */
export async function recoverDrafts() {
  for (const { submission_id: id } of await listDrafts()) {
    if (own.has(id)) continue;
    await ifFree(lockName(id), () => finalise(id));
  }
}

const lockName = (id) => `rey-visit-${id}`;

/** A lock held while this page lives, or until released. Without Web Locks it is only a shape. */
function holdLock(name) {
  if (!navigator.locks) return { held: Promise.resolve(), release() {} };
  let release;
  const ended = new Promise((resolve) => { release = resolve; });
  const held = new Promise((resolve) => {
    // A lock refused costs nothing but the recovery's caution; it must not cost the rating.
    navigator.locks.request(name, () => { resolve(); return ended; }).catch(resolve);
  });
  return { held, release };
}

function ifFree(name, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && work());
}
