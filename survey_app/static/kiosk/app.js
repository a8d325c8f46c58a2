/** Starts the tablet and joins its parts: which screen is shown, and what follows from it. */

import { createAccessBar } from "./access-bar.js";
import { createAttract } from "./attract.js";
import { correctedNow, isOpen } from "./clock.js";
import { askForPersistence } from "./condition.js";
import { createCountdown } from "./countdown.js";
import { startHeartbeat } from "./heartbeat.js";
import { createIdle } from "./idle.js";
import { createLanguageBar } from "./language-bar.js";
import { createLanguage } from "./language.js";
import { createOutbox } from "./outbox.js";
import { codeFromAddress, drawPairing } from "./pairing.js";
import { drawAsleep, drawFarewell, drawNotice, drawPaused, drawThanks } from "./resting.js";
import { canScan, openScanner } from "./scan.js";
import { keepFresh, keptSetup } from "./setup.js";
import { createStaffMenu } from "./staff-menu.js";
import { createStage } from "./stage.js";
import { counts, forgetToken, probe, recall } from "./store.js";
import { recoverDrafts, sealOldOnes } from "./submission.js";
import { unpair } from "./unpairing.js";
import { createVisiting } from "./visiting.js";
import { createVoice } from "./voice.js";
import { startWorker } from "./worker.js";
import { isGentle } from "./flow.js";

// Nothing new can begin while the thanks are shown; the server holds back ratings closer than this.
const THANKS = 6_000;
const RETRY_STORE = 15_000;
// How often the tablet looks whether the center has opened or closed.
const LOOK = 20_000;

const config = JSON.parse(document.getElementById("config").textContent);
const part = (id) => document.getElementById(id);
const [root, screen, steps, chosen, said] = ["kiosk", "screen", "steps", "chosen", "said"].map(part);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const pairing = { code: "", problem: "", ended: false, waiting: 0 };

// What is shown: "starting", "pairing", "waiting", "paused", "asleep", "visit", "ending", "thanks"
// or "broken".
let mode = "starting";
let setup = null;
let paired = false;
let broken = 0;
// Whether this visitor goes from button to button by keys or a switch.
let keyed = false;
// The server's clock less ours, as far as it is known.
let skew = null;
let speaking = false;
let scanner = null;

const language = createLanguage(config.texts);
const stage = createStage({ parts: { root, screen, steps, chosen, said }, stillness, onShow: leaveScreen });
const languages = createLanguageBar({ place: part("languages"), onChoose: chooseLanguage });
const aids = createAccessBar({ place: part("aids"), root: document.documentElement, onChange: stay, onListen: listen });
const voice = createVoice({ index: config.voice, version: config.version, onChange: showVoice });
const countdown = createCountdown({ place: part("countdown"), stillness, onMore: stay, announce: stage.announce });
const attract = createAttract({ screen, moving: () => !visiting.still, turn: turnLanguage, onStop: stay });
const idle = createIdle({ onWarn: countdown.show, onReturn: countdown.hide, onExpire: () => visiting.finish() });
const visiting = createVisiting({
  stage, attract, idle, language, speak, stillness,
  faces: config.faces,
  slower: () => aids.used || keyed,
  scan: canScan() ? scan : null,
  onSaving: () => { mode = "ending"; },
  onSaved: showThanks,
  onDeclined: showFarewell,
  onLeft: () => cleanStart(),
  onFailure: fail,
});
const outbox = createOutbox({ onEnded: endPairing });
const fresh = keepFresh({ onSetup: takeSetup, onEnded: endPairing });
const worker = startWorker({ url: config.worker, version: config.version, isIdle });
const heart = startHeartbeat({ version: config.version, onBeat: afterBeat, onTag: compareSetup, onEnded: endPairing });
const staffMenu = createStaffMenu({
  corner: part("corner"),
  language,
  tablet: {
    version: config.version,
    get setup() { return setup; },
    get heardAt() { return heart.heardAt; },
    isReachable: () => !visiting.begun && !["starting", "ending", "thanks"].includes(mode),
    onLanguage: () => keptSetup().then((kept) => { setup = kept; }),
    send: outbox.wake,
    update: () => worker.check({ now: true }),
    unpair: leavePairing,
    onClose() { if (isIdle() || mode === "visit") cleanStart(); },
  },
});

/** Nobody is in front of the tablet, as far as the page can tell. */
function isIdle() {
  if (staffMenu.isOpen) return false;
  if (mode === "visit") return attract.undisturbed;
  if (mode === "pairing") return pairing.code === "";
  return ["waiting", "paused", "asleep", "broken"].includes(mode);
}

// --- Languages, voice and time ---

function speak(code) {
  hush();
  language.speak(code);
  languages.label(language);
  aids.label(language.say);
  staffMenu.label();
  countdown.label(language.say);
  steps.setAttribute("aria-label", language.say("steps"));
}

function chooseLanguage(code) {
  attract.stop();
  speak(code);
  stage.redraw();
  stay();
}

/** Nobody is there: the question turns to the next language. */
function turnLanguage(code) {
  speak(code);
  visiting.retell(screen);
}

/** Read the screen aloud, or stop doing so. */
function listen() {
  if (speaking) hush();
  else voice.speak(stage.words(), language.current);
}

function hush() {
  voice.stop();
  showVoice(false);
}

/** Look for a ticket's code with the camera. */
function scan(onCode) {
  hush();
  scanner = openScanner({ place: screen, onCode, onClose: () => { scanner = null; stay(); }, language });
}

/** Nothing of a screen goes on when another one is shown. */
function leaveScreen() {
  scanner?.close();
  hush();
}

function showVoice(isSpeaking) {
  speaking = isSpeaking;
  aids.hear({ speaking, able: voice.can(language.current) });
  // Who listens to the end is there.
  idle.touch();
}

/** Somebody is there: give them their time from now on. */
function stay() {
  attract.stop();
  visiting.stay();
}

// --- From one visitor to the next ---

/**
 * Nothing of the last visitor is left: words, aids, answers, selection, place on the page.
 * `woken`: somebody touched the sleeping tablet and may rate once.
 */
function cleanStart({ woken = false } = {}) {
  clearTimeout(broken);
  visiting.clear();
  keyed = false;
  aids.reset();
  getSelection()?.removeAllRanges();
  language.fallback = setup?.default_language ?? "az";
  speak(setup?.default_language ?? "az");
  if (!paired) return showPairing();
  if (!setup) return showWaiting();
  if (setup.tablet.paused) return showPaused();
  if (!woken && sleeps()) return showAsleep();
  mode = "visit";
  visiting.begin(setup, { rotating: !woken });
  worker.letIn();
}

/** The center is closed, by the server's clock as far as we know it. */
const sleeps = () => !isOpen(setup.center, correctedNow(skew));

/** The center opened or closed meanwhile. */
function look() {
  const asleep = mode === "asleep";
  if ((asleep || (mode === "visit" && attract.undisturbed)) && asleep !== sleeps()) cleanStart();
}

function showAsleep() {
  mode = "asleep";
  stage.show("asleep", () => drawAsleep(setup, { language, onWake: () => cleanStart({ woken: true }) }), { rise: false });
  worker.letIn();
}

function showThanks(visit) {
  mode = "thanks";
  const gentle = isGentle(visit);
  stage.show("thanks", () => drawThanks(language, { gentle }), { focus: false, rise: !gentle });
  screen.focus({ preventScroll: true });
  stage.announce(`${language.say("thanks")}. ${language.say("thanks_saved")}`);
  leaveAfter("thanks", THANKS);
  outbox.wake();
}

function showFarewell() {
  mode = "thanks";
  stage.show("farewell", () => drawFarewell(language), { focus: false, rise: false });
  screen.focus({ preventScroll: true });
  stage.announce(language.say("farewell"));
  leaveAfter("thanks", THANKS);
}

function leaveAfter(shown, milliseconds) {
  setTimeout(() => { if (mode === shown) cleanStart(); }, milliseconds);
}

// --- When something is missing ---

/** The store failed: say so, never thank, and come back when it works again. */
function fail() {
  if (mode === "broken") return;
  const rating = mode === "visit" || mode === "ending";
  mode = "broken";
  visiting.abandon();
  const title = rating ? "storage_title" : "broken_title";
  stage.show("broken", () => drawNotice(language.say(title),
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
  stage.show("pairing", () => drawPairing({
    language, state: pairing, title: title(), sentences: sentences(), onPaired: takePairing, onFailure: fail,
  }), { rise: false });
}

function showWaiting() {
  mode = "waiting";
  stage.show("waiting", () => drawNotice(language.say("waiting_title"), [language.say("waiting_help")]), { rise: false });
}

/** A member of staff lets the tablet rest. */
function showPaused() {
  mode = "paused";
  stage.show("paused", () => drawPaused(language), { rise: false });
  worker.letIn();
}

/** Without https a browser lends neither a worker nor a key; no rating would be safe. */
function showInsecure() {
  mode = "waiting";
  stage.show("insecure", () => drawNotice(language.say("insecure_title"), [language.say("insecure_help")]), { rise: false });
}

function takePairing() {
  Object.assign(pairing, { code: "", problem: "", ended: false });
  paired = true;
  setup = null;
  askForPersistence();
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

/** Staff end the pairing here; gives whether the server has heard of it. */
async function leavePairing() {
  const { token, heard } = await unpair();
  if (token) await endPairing(token);
  return heard;
}

/** The server named the set-up it has for us; if ours is another, it is fetched. */
function compareSetup(tag) {
  if (tag !== setup?.tag) fresh.refresh();
}

/** A set-up has arrived; the visit under way keeps the one it began with. */
function takeSetup(fetched) {
  const same = setup !== null && setup.tag === fetched.tag;
  setup = fetched;
  if (fetched.app_version && fetched.app_version !== config.version) worker.check();
  if (!same && isIdle()) cleanStart();
  outbox.wake();
}

// --- Start ---

async function start() {
  if (!isSecureContext) return void showInsecure();
  try {
    await probe();
    await recoverDrafts();
    paired = Boolean(await recall("token"));
    setup = await keptSetup();
    skew = (await recall("skew")) ?? null;
    pairing.ended = !paired && setup !== null;
    pairing.waiting = (await counts()).waiting;
  } catch {
    return void fail();
  } finally {
    worker.started();
  }
  if (paired) askForPersistence();
  cleanStart();
  fresh.refresh();
  sealOldOnes().catch(() => {}).then(outbox.wake);
}

async function afterBeat() {
  skew = (await recall("skew").catch(() => null)) ?? skew;
  worker.check();
  worker.letIn();
  // A page that died with a visit under way may have left its draft to us.
  recoverDrafts().then(outbox.wake, outbox.wake);
}

/** A sign of a person: the question stops turning, and the time begins anew. */
function notice(event) {
  // The page moves the focus to the question by itself; only a control's focus is a person's.
  if (event.type === "focusin" && !event.target.matches("button, input, textarea")) return;
  const isWriting = event.target.matches?.("input, textarea");
  if (event.type === "keydown" && !isWriting) keyed = true;
  attract.stop();
  idle.touch();
}

for (const kind of ["pointerdown", "keydown", "input", "wheel", "focusin"]) {
  addEventListener(kind, notice, { capture: true, passive: true });
}
addEventListener("keydown", (event) => { if (event.key === "Escape" && !scanner) visiting.back(); });
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  const code = codeFromAddress();
  if (code && mode === "pairing") {
    pairing.code = code;
    stage.redraw();
  }
});
// A page brought back from the browser's memory would show what its last visitor saw.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

setInterval(look, LOOK);
pairing.code = codeFromAddress();
speak("az");
start().then(heart.beat);
