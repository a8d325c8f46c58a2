/**
 * One rating from the first tap to the outbox. From the first tap a draft is on disk; the end of
 * the visit, whichever way it comes, turns the draft into an outbox entry exactly once. What was
 * said never lies there readable: it is sealed before it is written.
 */

import { ratingOf } from "./flow.js";
import { seal, unsealing } from "./keys.js";
import { dropDraft, exchange, finalise, keepDraft, listDrafts, unsealedOnes } from "./store.js";

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

// The run of this page: within it performance.now() counts on, whatever the clock is set to.
const run = uuid7();
// The drafts of this page, which only the page itself may finalise.
const own = new Set();

/**
 * Begin to keep a rating; `onFailure` hears of the first draft that could not be written.
 * `tap` says where in this page's run the first tap came (`device_ms`) and for how long the
 * question could have been answered before it (`lead_ms`).
 */
export function beginSubmission(onFailure, tap) {
  const submission_id = uuid7();
  own.add(submission_id);
  const began = performance.now();
  const about = { rated_at: new Date().toISOString(), mode: "self", device_run: run, ...tap };
  const lock = holdLock(lockName(submission_id));
  let kept = lock.held;
  let over = false;

  const said = (visit, language) => ({
    ...about, ...placeOf(visit), language, visit_ms: Math.round(performance.now() - began), ...ratingOf(visit),
  });

  return {
    /** Keep the visit as it stands. The comment waits for its end: it may yet be taken back. */
    keep(visit, language) {
      if (over) return;
      const rating = { ...said(visit, language), comment: null };
      kept = kept.then(async () => keepDraft({ submission_id, sealed: await seal(rating, submission_id) }));
      kept.catch(onFailure);
    },

    /** Keep nothing of it: the visitor is told that it could not be saved. */
    async abandon() {
      over = true;
      // A draft still on its way to the disk would lie there after it was dropped.
      await kept.catch(() => {});
      await dropDraft(submission_id).catch(() => {});
      lock.release();
    },

    /** Put the rating into the outbox; resolves when the disk has it, throws when it has not. */
    async finish(visit, language) {
      if (over) throw new Error("the rating was given up or is kept already");
      over = true;
      try {
        const rating = said(visit, language);
        await kept;
        const sequence = await finalise(submission_id, { sealed: await seal(rating, submission_id) });
        if (sequence === undefined) throw new Error("the draft is gone: the store was cleared");
      } catch (error) {
        await this.abandon();
        throw error;
      }
      lock.release();
    },
  };
}

/** Where the tablet stood; a set-up kept from before places had numbers does not say. */
const placeOf = ({ setup }) => (setup.touchpoint.id === undefined ? {} : { place: setup.touchpoint.id });

/** Finalise, as they stand, the drafts of pages that are gone: a crash, a power cut, a reload. */
export async function recoverDrafts() {
  for (const { submission_id: id } of await listDrafts()) {
    if (own.has(id)) continue;
    await ifFree(lockName(id), () => finalise(id));
  }
}

/** Seal what a page of the first version left readable. */
export async function sealOldOnes() {
  for (const { store, entry } of await unsealedOnes()) {
    const { submission_id, sequence, reason, refused_at, ...rating } = entry;
    const outside = store === "rejected" ? { reason, refused_at } : {};
    await exchange(store, { submission_id, sequence, ...outside, sealed: await seal(rating, submission_id) });
  }
}

/**
 * The ratings of these entries as the server wants them: {ratings, unreadable}. An entry that no
 * key opens any more is not a rating; it is told apart so that it does not block the others.
 */
export async function ratingsOf(entries) {
  const open = entries.some(({ sealed }) => sealed) ? await unsealing() : null;
  const ratings = [];
  const unreadable = [];
  for (const entry of entries) {
    const { submission_id, sequence, sealed, reason, refused_at, ...plain } = entry;
    try {
      const rating = sealed ? await open(sealed, submission_id) : plain;
      ratings.push({ ...rating, submission_id, sequence });
    } catch {
      unreadable.push(entry);
    }
  }
  return { ratings, unreadable };
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
