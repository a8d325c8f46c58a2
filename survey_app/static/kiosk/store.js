/**
 * What the tablet keeps, in IndexedDB: `meta` (credential, set-up, sequence), `drafts` (a visit
 * under way), `outbox` (ratings not yet sent, oldest first) and `rejected` (ratings refused).
 *
 * Every write is strict: Chromium's default would report success before the disk has the data.
 */

const NAME = "rey-kiosk";
const VERSION = 1;

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("meta");
      database.createObjectStore("drafts", { keyPath: "submission_id" });
      database.createObjectStore("outbox", { keyPath: "sequence" });
      database.createObjectStore("rejected", { keyPath: "submission_id" });
    };
    request.onsuccess = () => {
      const database = request.result;
      // A newer page may need to upgrade; a cleared profile closes us. Either way, open again.
      database.onversionchange = () => database.close();
      database.onclose = () => { opening = null; };
      resolve(database);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the database is held by another version"));
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** Run `work(stores, done)` in one transaction; settle when it is complete, never before. */
async function transact(names, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    let result;
    let transaction;
    try {
      transaction = database.transaction(names, mode, { durability: "strict" });
    } catch (error) {
      // The connection went away under us; the next call opens a new one.
      opening = null;
      reject(error);
      return;
    }
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

/** One value of `meta`: `token`, `setup` or `sequence`. */
export function recall(key) {
  return read(["meta"], ({ meta }, done) => then(meta.get(key), done));
}

/** Show that this browser can write; throws when it cannot. */
export function probe() {
  return write(["meta"], ({ meta }) => { meta.put(Date.now(), "probe"); });
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
 * nothing happens. `changes` are laid over the draft.
 */
export function finalise(id, changes = {}) {
  return write(["meta", "drafts", "outbox"], ({ meta, drafts, outbox }, done) => {
    then(drafts.get(id), (draft) => {
      if (draft === undefined) return;
      then(meta.get("sequence"), (last = 0) => {
        const entry = { ...draft, ...changes, sequence: last + 1 };
        meta.put(entry.sequence, "sequence");
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

/** Let go of what the server has named: recorded entries leave, refused ones are set aside. */
export function settle(recorded, refused) {
  return write(["outbox", "rejected"], ({ outbox, rejected }) => {
    for (const sequence of recorded) outbox.delete(sequence);
    for (const { entry, reason } of refused) {
      rejected.put({ ...entry, reason, refused_at: new Date().toISOString() });
      outbox.delete(entry.sequence);
    }
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
