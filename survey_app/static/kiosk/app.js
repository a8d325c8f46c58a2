/** Starts the tablet and joins its parts: which screen is shown, and what follows from it. */

import { createAccessBar } from "./access-bar.js";
import { make } from "./elements.js";
import { advance, isAnswered, isBegun, isOver, startVisit, stepOf, waysOn } from "./flow.js";
import { startHeartbeat } from "./heartbeat.js";
import { createIdle } from "./idle.js";
import { createLanguage, NAMES } from "./language.js";
import { createOutbox } from "./outbox.js";
import { codeFromAddress, drawPairing } from "./pairing.js";
import { drawChosen, drawNotice, drawStep, drawThanks, drawWays } from "./screens.js";
import { keepFresh, keptSetup } from "./setup.js";
import { counts, forgetToken, probe, recall } from "./store.js";
import { beginSubmission, recoverDrafts } from "./submission.js";
import { startWorker } from "./worker.js";

const COUNTDOWN = 5;
// Nothing new can begin while the thanks are shown; the server holds back ratings closer than this.
const THANKS = 6_000;
const SETTLING = 350;
const FADE = 130;
const RETRY_STORE = 15_000;

const config = JSON.parse(document.getElementById("config").textContent);
const part = (id) => document.getElementById(id);
const [root, screen, steps, chosen, languages, countdown, said] =
  ["kiosk", "screen", "steps", "chosen", "languages", "countdown", "said"].map(part);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

const language = createLanguage(config.texts);
const pairing = { code: "", problem: "", ended: false, waiting: 0 };
const faces = config.faces;

// What is shown: "starting", "pairing", "waiting", "visit", "ending", "thanks" or "broken".
let mode = "starting";
let setup = null;
let visit = null;
let submission = null;
let paired = false;
let redraw = () => {};
let settling = 0;
let broken = 0;

const aids = createAccessBar({ place: part("aids"), root: document.documentElement, onChange: stay });
const idle = createIdle({ onWarn: showCountdown, onReturn: hideCountdown, onExpire: finish });
const outbox = createOutbox({ onEnded: endPairing });
const fresh = keepFresh({ onSetup: takeSetup, onEnded: endPairing });
const worker = startWorker({ url: config.worker, isIdle });
const heart = startHeartbeat({ version: config.version, onBeat: afterBeat, onEnded: endPairing });

/** Nobody is in front of the tablet, as far as the page can tell. */
function isIdle() {
  if (mode === "visit") return !isBegun(visit) && !isChanged();
  if (mode === "pairing") return pairing.code === "";
  return mode === "waiting" || mode === "broken";
}

/** Somebody chose a language or an aid but has rated nothing yet. */
function isChanged() {
  return aids.used || language.current !== setup?.default_language;
}

// --- Showing ---

/** Put a screen up. `draw()` gives its parts and is used again when the language changes. */
function show(draw, { ways = () => [], face = () => [], focus = true, rise = true } = {}) {
  redraw = () => {
    screen.replaceChildren(...draw());
    drawSteps(ways);
    chosen.replaceChildren(...face());
  };
  redraw();
  redraw.ways = () => drawSteps(ways);
  screen.scrollTop = 0;
  scrollTo(0, 0);
  settle();
  if (rise && !stillness.matches) {
    screen.animate([{ transform: "translateY(24px)", opacity: 0 }, { transform: "none", opacity: 1 }],
      { duration: 150, easing: "ease-out" });
  }
  if (focus) screen.querySelector("h1")?.focus({ preventScroll: true });
}

function drawSteps(ways) {
  steps.replaceChildren(...ways());
  steps.hidden = steps.childElementCount === 0;
}

/** For a moment the new screen takes no touch: a trembling finger taps twice. */
function settle() {
  root.classList.add("settling");
  clearTimeout(settling);
  settling = setTimeout(() => root.classList.remove("settling"), SETTLING);
}

function speak(chosenLanguage) {
  language.speak(chosenLanguage);
  drawLanguages();
  aids.label(language.say);
  steps.setAttribute("aria-label", language.say("steps"));
  countdown.firstElementChild.textContent = language.say("more_time");
}

function drawLanguages() {
  languages.setAttribute("aria-label", language.say("languages"));
  if (languages.childElementCount === 0) {
    languages.append(...Object.entries(NAMES).map(([code, name]) => make("button", {
      type: "button", lang: code, "data-language": code,
      onclick: () => { speak(code); redraw(); stay(); },
    }, name)));
  }
  for (const button of languages.children) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language.current));
  }
}

function showCountdown(milliseconds) {
  countdown.hidden = false;
  countdown.lastElementChild.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }],
    { duration: milliseconds, easing: stillness.matches ? "steps(5, end)" : "linear", fill: "forwards" });
}

function hideCountdown() {
  countdown.hidden = true;
  for (const animation of countdown.getAnimations({ subtree: true })) animation.cancel();
}

// --- A visit ---

/** Nothing of the last visitor is left: words, aids, answers, selection, place on the page. */
function cleanStart() {
  clearTimeout(broken);
  idle.stop();
  [visit, submission] = [null, null];
  said.textContent = "";
  aids.reset();
  getSelection()?.removeAllRanges();
  language.fallback = setup?.default_language ?? "az";
  speak(setup?.default_language ?? "az");
  if (!paired) return showPairing();
  if (!setup) return showWaiting();
  mode = "visit";
  visit = startVisit(setup);
  showStep({ rise: false });
  worker.letIn();
}

function showStep({ rise = true } = {}) {
  show(() => drawStep(visit, { language, faces, send }), {
    rise,
    ways: () => drawWays(waysOn(visit), { answered: isAnswered(visit), language, go }),
    face: () => (isBegun(visit) && visit.index > 0 ? drawChosen(visit, { language, faces }) : []),
  });
  stay();
}

/** Somebody is there: start the idle clock that fits the screen. */
function stay() {
  if (mode !== "visit") return;
  const seconds = setup.idle_seconds || 15;
  if (!isBegun(visit)) {
    if (isChanged()) idle.watch(seconds * patience(), 0, cleanStart);
    else idle.stop();
    return;
  }
  idle.watch(seconds * patience(), COUNTDOWN * patience());
}

/** Those who asked for an aid get four times the time, those who write or have most to read twice. */
function patience() {
  if (aids.used) return 4;
  return ["text", "groups"].includes(stepOf(visit).kind) ? 2 : 1;
}

/** What a visitor did on a step. */
function send(event) {
  if (mode !== "visit") return;
  const first = !isBegun(visit);
  visit = advance(visit, event);
  if (event.type === "score" && first) submission = beginSubmission(fail);
  if (isBegun(visit) && event.type !== "comment") submission.keep(visit, language.current);
  if (event.quiet) return void redraw.ways();
  if (isOver(visit)) return void finish();
  if (event.type !== "score" || stillness.matches) return void showStep();
  // The chosen face stays, the others fade; then the follow-up comes.
  settle();
  const shown = visit;
  setTimeout(() => { if (visit === shown) showStep(); }, FADE);
}

function go(way) {
  if (mode !== "visit") return;
  if (way === "enough" || way === "send") finish();
  else send({ type: way });
}

/** The visit is over, by whatever way: the rating is saved as it stands, then thanked for. */
async function finish() {
  if (mode !== "visit" || !isBegun(visit)) return;
  mode = "ending";
  idle.stop();
  const [ended, own] = [visit, submission];
  [visit, submission] = [null, null];
  try {
    await own.finish(ended, language.current);
  } catch {
    return fail();
  }
  showThanks();
  outbox.wake();
}

function showThanks() {
  mode = "thanks";
  show(() => drawThanks(language), { focus: false });
  screen.focus({ preventScroll: true });
  said.textContent = `${language.say("thanks")}. ${language.say("thanks_saved")}`;
  setTimeout(() => { if (mode === "thanks") cleanStart(); }, THANKS);
}

// --- When something is missing ---

/** The store failed: say so, never thank, and come back when it works again. */
function fail() {
  if (mode === "broken") return;
  const rating = mode === "visit" || mode === "ending";
  mode = "broken";
  idle.stop();
  submission?.abandon();
  [visit, submission] = [null, null];
  const title = rating ? "storage_title" : "broken_title";
  show(() => drawNotice(language.say(title),
    [...(rating ? [language.say("storage_help")] : []), language.say("storage_staff")]));
  clearTimeout(broken);
  broken = setTimeout(() => {
    mode = "starting";
    start();
  }, RETRY_STORE);
}

function showPairing() {
  mode = "pairing";
  const title = () => language.say(pairing.ended ? "ended_title" : "pair_title");
  const sentences = () => (pairing.ended
    ? [language.say("ended_help"), ...(pairing.waiting ? [language.say("ended_kept", { count: pairing.waiting })] : [])]
    : [language.say("pair_help")]);
  show(() => drawPairing({
    language, state: pairing, title: title(), sentences: sentences(), onPaired: takePairing, onFailure: fail,
  }), { rise: false });
}

function showWaiting() {
  mode = "waiting";
  show(() => drawNotice(language.say("waiting_title"), [language.say("waiting_help")]), { rise: false });
}

function takePairing() {
  Object.assign(pairing, { code: "", problem: "", ended: false });
  paired = true;
  setup = null;
  // Without this the browser may clear the store when the disk runs full.
  navigator.storage?.persist?.().catch(() => {});
  cleanStart();
  fresh.refresh().then(heart.beat);
}

/** The server no longer knows this credential. What is in the outbox stays for the next one. */
async function endPairing(token) {
  try {
    if ((await recall("token")) !== token) return;
    await forgetToken(token);
    pairing.waiting = (await counts()).waiting;
  } catch {
    return;
  }
  paired = false;
  pairing.ended = true;
  if (isIdle()) cleanStart();
}

/** A set-up has arrived; the visit under way keeps the one it began with. */
function takeSetup(fetched) {
  const same = setup && meaning(setup) === meaning(fetched);
  setup = fetched;
  if (fetched.app_version && fetched.app_version !== config.version) worker.check();
  if (!same && isIdle()) cleanStart();
  outbox.wake();
}

const meaning = ({ touchpoint, survey, areas, default_language, idle_seconds }) =>
  JSON.stringify([touchpoint, survey, areas, default_language, idle_seconds]);

// --- Start ---

async function start() {
  try {
    await probe();
    await recoverDrafts();
    paired = Boolean(await recall("token"));
    setup = await keptSetup();
    pairing.ended = !paired && setup !== null;
    pairing.waiting = (await counts()).waiting;
  } catch {
    return fail();
  }
  cleanStart();
  fresh.refresh();
  outbox.wake();
}

function afterBeat() {
  worker.check();
  worker.letIn();
  // A page that died with a visit under way may have left its draft to us.
  recoverDrafts().then(outbox.wake, outbox.wake);
}

for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
  addEventListener(kind, () => idle.touch(), { capture: true, passive: true });
}
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  const code = codeFromAddress();
  if (code && mode === "pairing") {
    pairing.code = code;
    redraw();
  }
});
// A page brought back from the browser's memory would show what its last visitor saw.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

pairing.code = codeFromAddress();
speak("az");
start().then(heart.beat);
