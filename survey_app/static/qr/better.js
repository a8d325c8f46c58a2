/**
 * Makes the pages behind a code better, never different: a form is sent without a reload, what was
 * typed outlives a reload, and what could not be sent is sent later, once, under the same id.
 * Without this file the same pages do the same, a page at a time.
 */

import { prove } from "./proof.js";

const DRAFT = "rey-draft ";
const QUEUE = "rey-unsent ";
const PATIENCE = 20_000;
const AGAIN = 15_000;

// What is sent in this page right now, or waits in it for a connection.
let underWay = null;
// The server's own page for a phone without a connection, fetched while there is one.
let waiting = null;

// --- storage, which may be forbidden or full ------------------------------------------------------

function keep(store, key, value) {
  try {
    store().setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function recall(store, key) {
  try {
    return JSON.parse(store().getItem(key));
  } catch {
    return null;
  }
}

function forget(store, key) {
  try {
    store().removeItem(key);
  } catch {
    // Where nothing may be stored there is nothing to forget.
  }
}

function keysOf(store, beginning) {
  try {
    return Object.keys(store()).filter((key) => key.startsWith(beginning));
  } catch {
    return [];
  }
}

// Asking for a store is what fails where it is forbidden.
const forNow = () => sessionStorage;
const forLater = () => localStorage;

// --- the draft ------------------------------------------------------------------------------------

/** One draft for each code, whatever the language of the page. */
const draftKey = () => DRAFT + location.pathname.split("/").slice(1, 3).join("/");

// What belongs to the page that is shown rather than to what was said.
const OF_THE_PAGE = new Set(["lang", "version", "proof", "website"]);

function keepDraft(form) {
  const said = [...new FormData(form)].filter(([name]) => !OF_THE_PAGE.has(name));
  keep(forNow, draftKey(), { version: form.elements.version.value, said });
}

/** Put back what was typed before a reload, unless the page shows what the server sent back. */
function recallDraft(form) {
  const draft = recall(forNow, draftKey());
  if (!draft || draft.version !== form.elements.version.value || document.querySelector(".alert")) return;
  for (const [name, value] of draft.said) {
    const field = form.elements[name];
    if (!field) continue;
    const boxes = field instanceof RadioNodeList ? [...field] : [field];
    for (const box of boxes) {
      if (box.type !== "radio" && box.type !== "checkbox") box.value = value;
      else if (box.value === value) {
        box.checked = true;
        box.closest("details")?.setAttribute("open", "");
      }
    }
  }
}

// --- showing a page of ours -----------------------------------------------------------------------

// Only what our own server sent to this page becomes a document, and no script in it ever runs.
const policy = globalThis.trustedTypes?.createPolicy("rey-page", { createHTML: (text) => text });

/** The page in an answer, or null when it is none of ours: a café's sign-in page, say. */
async function pageOf(answer) {
  // Its style sheet is the one that is here already, and its nonce is not this page's.
  const text = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
  const page = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
  return page.documentElement.dataset.rey ? page : null;
}

/** Put the content of a page in the place of what is shown, and let it be read from its beginning. */
function show(page, address) {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dataset.rey = page.documentElement.dataset.rey;
  for (const name of ["header", "main"]) {
    document.querySelector(name).replaceWith(document.importNode(page.querySelector(name), true));
  }
  document.querySelector("footer")?.remove();
  const footer = page.querySelector("footer");
  if (footer) document.querySelector("main").after(document.importNode(footer, true));
  // In the form's place: going back leads to where the visitor came from, not to what was sent.
  if (address) history.replaceState(null, "", address);
  scrollTo(0, 0);
  (document.querySelector("main [autofocus]") ?? document.querySelector("h1"))?.focus();
}

async function fetchWaiting() {
  try {
    waiting = await pageOf(await fetch(`/r/waiting?lang=${document.documentElement.lang}`));
  } catch {
    // Without it the browser's own way of sending a form is left to do its work.
  }
}

// --- sending --------------------------------------------------------------------------------------

/**
 * Send one form. Answers its page and address once the server has decided on it; throws as long as
 * nobody knows: no connection, a server in trouble or overrun, somebody else's page.
 */
async function deliver({ address, body }) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body,
    signal: AbortSignal.timeout(PATIENCE),
  });
  const page = answer.status >= 500 ? null : await pageOf(answer);
  if (page === null) throw new Error(`no decision: ${answer.status}`);
  return { page, address: answer.url, status: answer.status };
}

const isHeard = (page) => page.documentElement.dataset.rey === "thanks";

async function submit(form) {
  // Under way from the first touch: another one, while the proof is computed, begins nothing.
  const item = { address: form.action, key: QUEUE + form.elements.submission_id.value, draft: draftKey(), busy: true };
  underWay = item;
  await proofs.get(form);
  item.body = new URLSearchParams(new FormData(form)).toString();
  item.busy = false;
  await tryNow();
}

/** Try to send what is under way; show what came of it, or that it waits. */
async function tryNow() {
  const item = underWay;
  if (!item || item.busy) return;
  item.busy = true;
  try {
    const { page, address } = await deliver(item);
    underWay = null;
    forget(forLater, item.key);
    if (isHeard(page)) forget(forNow, item.draft);
    show(page, isHeard(page) ? address : null);
    begin();
  } catch {
    showWaiting(item);
  } finally {
    item.busy = false;
  }
}

function showWaiting(item) {
  const { address, body, draft } = item;
  const isKept = keep(forLater, item.key, { address, body, draft });
  if (!waiting) {
    // Nothing of ours to show: the browser says by itself that there is no connection.
    underWay = null;
    document.querySelector("form[method=post]")?.submit();
    return;
  }
  if (document.documentElement.dataset.rey === "waiting") return;
  show(waiting);
  if (!isKept) document.querySelector("[data-kept]").remove();
}

/** Send what an earlier page could not, and say so on top of this one. */
async function sendEarlier() {
  for (const key of keysOf(forLater, QUEUE)) {
    const item = recall(forLater, key);
    if (!item || underWay?.key === key) continue;
    try {
      const { page, address, status } = await deliver(item);
      // Another page, or this one a moment ago, may have had the answer first.
      if (status === 429 || !recall(forLater, key)) continue;
      // What the server has decided on, one way or the other, is not sent again.
      forget(forLater, key);
      if (!isHeard(page)) continue;
      forget(forNow, item.draft);
      sayItWasSent(address);
    } catch {
      // It stays where it is.
    }
  }
}

function sayItWasSent(address) {
  const note = waiting?.querySelector("template")?.content.cloneNode(true);
  if (!note) return;
  note.querySelector("a").href = address;
  document.querySelector("main").prepend(document.importNode(note, true));
}

// --- beginning ------------------------------------------------------------------------------------

// The proof of work of each form, computed while its owner reads and types.
const proofs = new WeakMap();

/** Take care of the form that is shown now, if one is. */
function begin() {
  const form = document.querySelector("form[method=post]");
  if (!form?.elements.submission_id) return;
  recallDraft(form);
  proofs.set(form, prove(form));
}

addEventListener("input", ({ target }) => {
  if (target.form?.elements.submission_id) keepDraft(target.form);
});

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.elements.submission_id) return;
  event.preventDefault();
  if (underWay) return;
  form.querySelector("button").setAttribute("aria-busy", "true");
  submit(form);
});

addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-again]")) tryNow();
});

addEventListener("online", () => {
  tryNow();
  sendEarlier();
});
setInterval(tryNow, AGAIN);

begin();
await fetchWaiting();
await sendEarlier();
