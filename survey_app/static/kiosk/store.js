/**
 * What the tablet keeps, in IndexedDB: `meta` (credential, set-up, sequence and the like), `keys`
 * (the device's own), `drafts` (a visit under way), `outbox` (ratings not yet sent, oldest first)
 * and `rejected` (ratings refused). Of a rating only its id and number can be read here; what was
 * said is sealed (see keys.js), but for what a page of the first version left behind.
 *
 * Every write is strict: Chromium's default would report success before the disk has the data.
 */

const NAME = "rey-kiosk";
// 2: the keys. What version 1 kept stays as it is and is sealed after the start.
const VERSION = 2;
// A browser that does not open its own database within this time will not do it later.
const PATIENCE = 10_000;
// Room for some dozens of ratings: with less, the next one might not be kept.
const PROBE_BYTES = 65_536;

let opening = null;
// How many signs of life this page has counted, for a disk that takes no more.
let beats = 0;

function open() {
  opening ??= opened(VERSION).catch((error) => {
    // A page that came back from a newer one: the stores it knows are all there.
    if (error?.name === "VersionError") return opened();
    throw error;
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

function opened(version) {
  return new Promise((resolve, reject) => {
    let given = false;
    const giveUp = (error) => {
      given = true;
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => giveUp(new Error("the browser does not open the database")), PATIENCE);
    const request = indexedDB.open(NAME, version);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, oldVersion);
    request.onsuccess = () => {
      const database = request.result;
      clearTimeout(timer);
      // Too late: nobody would ever close it, and it would block the next upgrade.
      if (given) return void database.close();
      // A newer page may need to upgrade; a cleared profile closes us. Either way, open again.
      database.onversionchange = () => {
        database.close();
        opening = null;
      };
      database.onclose = () => { opening = null; };
      resolve(database);
    };
    request.onerror = () => giveUp(request.error);
    request.onblocked = () => giveUp(new Error("the database is held by another version"));
  });
}

function upgrade(database, from) {
  if (from < 1) {
    database.createObjectStore("meta");
    database.createObjectStore("drafts", { keyPath: "submission_id" });
    database.createObjectStore("outbox", { keyPath: "sequence" });
    database.createObjectStore("rejected", { keyPath: "submission_id" });
  }
  if (from < 2) database.createObjectStore("keys");
}

/** Begin a transaction; a connection that went away under us is opened anew, once. */
async function begin(names, mode) {
  const options = { durability: "strict" };
  try {
    return (await open()).transaction(names, mode, options);
  } catch (error) {
    if (error?.name !== "InvalidStateError") throw error;
    opening = null;
    return (await open()).transaction(names, mode, options);
  }
}

/** Run `work(stores, done)` in one transaction; settle when it is complete, never before. */
async function transact(names, mode, work) {
  const transaction = await begin(names, mode);
  return new Promise((resolve, reject) => {
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    try {
      work(stores, (value) => { result = value; });
    } catch (error) {
      transaction.abort();
      reject(error);
    }
  });
}

const write = (names, work) => transact(names, "readwrite", work);
const read = (names, work) => transact(names, "readonly", work);

/** Hand the request's result to `next` within the same transaction. */
function then(request, next) {
  request.onsuccess = () => next(request.result);
}

/**
 * One value of `meta`: `token`, `setup`, `sequence`, `skew` (the server's clock less ours),
 * `language` (this tablet's own choice), `pin` (wrong tries), `rated` and `sent` (when last),
 * `beats` (signs of life so far), `version` (the page's, when refused ratings were last sent again).
 */
export function recall(key) {
  return read(["meta"], ({ meta }, done) => then(meta.get(key), done));
}

/** Keep one value of `meta`; undefined forgets it. */
export function remember(key, value) {
  return write(["meta"], ({ meta }) => {
    if (value === undefined) meta.delete(key);
    else meta.put(value, key);
  });
}

/** Keep what an answer says of our clock; null says nothing, and trembling is not worth a write. */
export function noteSkew(skew) {
  if (skew === null) return Promise.resolve();
  return write(["meta"], ({ meta }) => {
    then(meta.get("skew"), (kept) => { if (!(Math.abs(kept - skew) < 500)) meta.put(skew, "skew"); });
  });
}

/**
 * One more sign of life: its number, higher than any before on this device, and than what the
 * server has `heard`: a store that was brought back from a copy counts on from there.
 */
export async function countBeat(heard = 0) {
  beats = Math.max(beats, heard) + 1;
  try {
    beats = await write(["meta"], ({ meta }, done) => {
      then(meta.get("beats"), (kept = 0) => {
        const next = Math.max(beats, kept + 1);
        meta.put(next, "beats");
        done(next);
      });
    });
  } catch {
    // A full disk must not silence the tablet; after a reload the server tells how far it heard.
  }
  return beats;
}

/** Show that this browser can write, and has room for more; throws when it cannot. */
export async function probe() {
  await write(["meta"], ({ meta }) => { meta.put(crypto.getRandomValues(new Uint8Array(PROBE_BYTES)), "probe"); });
  await write(["meta"], ({ meta }) => { meta.delete("probe"); });
}

/** The device's keys, or undefined before they were made. */
export function recallKeys() {
  return read(["keys"], ({ keys }, done) => then(keys.get("own"), done));
}

/** Keep the device's keys unless there are some; gives those that are kept. */
export function keepKeys(made) {
  return write(["keys"], ({ keys }, done) => {
    then(keys.get("own"), (kept) => {
      if (kept === undefined) keys.put(made, "own");
      done(kept ?? made);
    });
  });
}

/** Keep a new credential. The set-up of an earlier one may be for another place: it goes. */
export function keepToken(token) {
  return write(["meta"], ({ meta }) => {
    meta.put(token, "token");
    meta.delete("setup");
  });
}

/** Forget the credential if it is still this one; a pairing made meanwhile stays. */
export function forgetToken(token) {
  return write(["meta"], ({ meta }) => {
    then(meta.get("token"), (kept) => { if (kept === token) meta.delete("token"); });
  });
}

/** Keep the set-up, and never count from below what the server has already seen. */
export function keepSetup(setup, token) {
  return write(["meta"], ({ meta }) => {
    then(meta.get("token"), (kept) => {
      // An answer to a credential since replaced is an answer for another place.
      if (kept !== token) return;
      meta.put(setup, "setup");
      then(meta.get("sequence"), (sequence = 0) => {
        meta.put(Math.max(sequence, setup.tablet.last_sequence ?? 0), "sequence");
      });
    });
  });
}

/** Keep a visit under way, so that a power cut does not take the first tap with it. */
export function keepDraft(draft) {
  return write(["drafts"], ({ drafts }) => { drafts.put(draft); });
}

export function dropDraft(id) {
  return write(["drafts"], ({ drafts }) => { drafts.delete(id); });
}

export function listDrafts() {
  return read(["drafts"], ({ drafts }, done) => then(drafts.getAll(), done));
}

/**
 * Turn a draft into an outbox entry with the next sequence number, in one transaction.
 *
 * The draft is the right to do so: when it is gone, the rating was finalised before and
 * nothing happens. `changes` are laid over the draft, such as what was said by the end.
 */
export function finalise(id, changes = {}) {
  return write(["meta", "drafts", "outbox"], ({ meta, drafts, outbox }, done) => {
    then(drafts.get(id), (draft) => {
      if (draft === undefined) return;
      then(meta.get("sequence"), (last = 0) => {
        const entry = { ...draft, ...changes, sequence: last + 1 };
        meta.put(entry.sequence, "sequence");
        meta.put(new Date().toISOString(), "rated");
        outbox.add(entry);
        drafts.delete(id);
        done(entry.sequence);
      });
    });
  });
}

/** The oldest entries, at most `count`, without those whose sequence is in `except`. */
export function oldest(count, except = new Set()) {
  return read(["outbox"], ({ outbox }, done) => {
    const entries = [];
    done(entries);
    then(outbox.openCursor(), function step(cursor) {
      if (!cursor || entries.length === count) return;
      if (!except.has(cursor.key)) entries.push(cursor.value);
      cursor.continue();
    });
  });
}

/**
 * Let go of what the server has named: recorded entries leave, refused ones are set aside, `at`
 * this instant (ISO 8601). One that was refused before keeps the day of its first refusal.
 */
export function settle(recorded, refused, at) {
  return write(["meta", "outbox", "rejected"], ({ meta, outbox, rejected }) => {
    if (recorded.length > 0) meta.put(new Date().toISOString(), "sent");
    for (const sequence of recorded) outbox.delete(sequence);
    for (const { entry, reason } of refused) {
      rejected.put({ ...entry, reason, refused_at: entry.refused_at ?? at });
      outbox.delete(entry.sequence);
    }
  });
}

/**
 * Put refused ratings back into the queue, to be judged anew. With a `version` of the page only
 * once for that version: what one could not say rightly, the next one may.
 */
export function requeueRefused(version = null) {
  return write(["meta", "outbox", "rejected"], ({ meta, outbox, rejected }) => {
    then(meta.get("version"), (known) => {
      if (version !== null && version === known) return;
      if (version !== null) meta.put(version, "version");
      then(rejected.getAll(), (entries) => {
        for (const { refused_at, ...entry } of entries) {
          then(outbox.count(entry.sequence), (taken) => {
            if (taken > 0) return;
            // Pages from before this one noted their own clock's time, which tells nothing.
            outbox.add(known === undefined ? entry : { ...entry, refused_at });
            rejected.delete(entry.submission_id);
          });
        }
      });
    });
  });
}

/** Forget refused ratings: all of them, or those refused before an instant (ISO 8601). */
export function forgetRefused(before = null) {
  return write(["rejected"], ({ rejected }) => {
    if (before === null) return void rejected.clear();
    then(rejected.openCursor(), (cursor) => {
      if (!cursor) return;
      if (cursor.value.refused_at < before) cursor.delete();
      cursor.continue();
    });
  });
}

/** Since when there are refused ratings (ISO 8601); null when there is none. */
export function refusedSince() {
  return read(["rejected"], ({ rejected }, done) => {
    done(null);
    then(rejected.getAll(), (entries) => { if (entries.length > 0) done(entries.map((each) => each.refused_at).sort()[0]); });
  });
}

/** Ratings that a page of the first version kept unsealed: [{store, entry}]. */
export function unsealedOnes() {
  return read(["outbox", "rejected"], (stores, done) => {
    const found = [];
    done(found);
    for (const [store, entries] of Object.entries(stores)) {
      then(entries.openCursor(), (cursor) => {
        if (!cursor) return;
        if (cursor.value.sealed === undefined) found.push({ store, entry: cursor.value });
        cursor.continue();
      });
    }
  });
}

/** Put an entry in the place of another with its key, if that is still there. */
export function exchange(store, entry) {
  return write([store], ({ [store]: entries }) => {
    then(entries.count(entry[entries.keyPath]), (count) => { if (count > 0) entries.put(entry); });
  });
}

/** How many ratings wait, how many were refused, and the last sequence number given out. */
export function counts() {
  return read(["meta", "outbox", "rejected"], ({ meta, outbox, rejected }, done) => {
    const found = { waiting: 0, refused: 0, sequence: 0 };
    done(found);
    then(outbox.count(), (count) => { found.waiting = count; });
    then(rejected.count(), (count) => { found.refused = count; });
    then(meta.get("sequence"), (sequence = 0) => { found.sequence = sequence; });
  });
}
