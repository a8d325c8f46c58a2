/** Starts the tablet and joins its parts: which screen is shown, and what follows from it. */

import { createAccessBar } from "./access-bar.js";
import { createAttract } from "./attract.js";
import { correctedNow, isOpen } from "./clock.js";
import { askForPersistence } from "./condition.js";
import { createConnection } from "./connection.js";
import { createCountdown } from "./countdown.js";
import { isGentle } from "./flow.js";
import { startHeartbeat } from "./heartbeat.js";
import { createIdle } from "./idle.js";
import { createLanguageBar } from "./language-bar.js";
import { createLanguage } from "./language.js";
import { createOutbox } from "./outbox.js";
import { drawAsleep, drawFarewell, drawNotice, drawPaused, drawThanks } from "./resting.js";
import { canScan, openScanner } from "./scan.js";
import { keepFresh, keptSetup } from "./setup.js";
import { createStaffMenu } from "./staff-menu.js";
import { createStage } from "./stage.js";
import { probe, recall } from "./store.js";
import { recoverDrafts, sealOldOnes } from "./submission.js";
import { createVisiting } from "./visiting.js";
import { createVoice } from "./voice.js";
import { startWorker } from "./worker.js";

// Nothing new can begin while the thanks are shown; the server holds back ratings closer than this.
const THANKS = 6_000;
const RETRY_STORE = 15_000;
// How often the tablet looks whether the center has opened or closed.
const LOOK = 20_000;

const config = JSON.parse(document.getElementById("config").textContent);
const part = (id) => document.getElementById(id);
const [root, screen, steps, chosen, said] = ["kiosk", "screen", "steps", "chosen", "said"].map(part);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

// What is shown: "starting", "pairing", "waiting", "paused", "asleep", "visit", "ending", "thanks"
// or "broken".
let mode = "starting";
let setup = null;
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
const voice = createVoice({ index: config.voice, onChange: showVoice });
const countdown = createCountdown({ place: part("countdown"), stillness, onMore: stay, announce: stage.announce });
const attract = createAttract({ screen, moving: () => !visiting.still, turn: (code) => visiting.retell(screen, code), onStop: takeLanguage });
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
const connection = createConnection({ stage, language, onPaired: takePairing, onEnded: restart, onFailure: fail });
const outbox = createOutbox({ onEnded: connection.end });
const fresh = keepFresh({ onSetup: takeSetup, onEnded: connection.end });
const worker = startWorker({ url: config.worker, version: config.version, isIdle });
const heart = startHeartbeat({ version: config.version, onBeat: afterBeat, onHeard: takeWord, onEnded: connection.end });
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
    again: () => outbox.again(),
    update: () => worker.check({ now: true }),
    unpair: connection.leave,
    // The menu closes by itself; until then nothing changes below it.
    onOpen: idle.stop,
    onClose() { if (isIdle() || mode === "visit") cleanStart(); },
  },
});

/** Nobody is in front of the tablet, as far as the page can tell. */
function isIdle() {
  if (staffMenu.isOpen) return false;
  if (mode === "visit") return attract.undisturbed;
  if (mode === "pairing") return !connection.isTyped;
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

/** Somebody met the question in this language: the page goes on in it. */
function takeLanguage(code) {
  if (attract.shown !== language.current) {
    speak(code);
    visiting.retell(screen, code);
  }
  visiting.stay();
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
  // Whoever holds up a ticket touches nothing; the camera has a patience of its own.
  idle.stop();
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
  // A store that failed is asked again before anything new begins.
  if (mode === "broken") return;
  visiting.clear();
  keyed = false;
  aids.reset();
  getSelection()?.removeAllRanges();
  language.fallback = setup?.default_language ?? "az";
  speak(setup?.default_language ?? "az");
  if (!connection.paired) return showPairing();
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
  const gentle = isGentle(visit);
  showEnd("thanks", () => drawThanks(language, { gentle }), {
    words: `${language.say("thanks")}. ${language.say("thanks_saved")}`, rise: !gentle,
  });
  outbox.wake();
}

function showFarewell() {
  showEnd("farewell", () => drawFarewell(language), { words: language.say("farewell"), rise: false });
}

/** The last screen of a visit, which goes by itself; its words are said, not only shown. */
function showEnd(name, draw, { words, rise }) {
  mode = "thanks";
  stage.show(name, draw, { focus: false, rise });
  screen.focus({ preventScroll: true });
  stage.announce(words);
  setTimeout(() => { if (mode === "thanks") cleanStart(); }, THANKS);
}

// --- When something is missing ---

/** The store failed: say so, never thank, and come back when it works again. */
function fail() {
  if (mode === "broken") return;
  const isRating = mode === "visit" || mode === "ending";
  mode = "broken";
  visiting.abandon();
  if (isRating) showNotice("broken", "storage_title", "storage_help", "storage_staff");
  else showNotice("broken", "broken_title", "storage_staff");
  setTimeout(() => {
    mode = "starting";
    start();
  }, RETRY_STORE);
}

function showPairing() {
  mode = "pairing";
  connection.show();
}

function showWaiting() {
  mode = "waiting";
  showNotice("waiting", "waiting_title", "waiting_help");
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
  showNotice("insecure", "insecure_title", "insecure_help");
}

/** A plain screen: the keys of its title and its sentences. */
function showNotice(name, title, ...sentences) {
  stage.show(name, () => drawNotice(language.say(title), sentences.map((key) => language.say(key))), { rise: false });
}

function takePairing() {
  setup = null;
  askForPersistence();
  cleanStart();
  fresh.refresh().then(heart.beat);
}

/** Something has changed for the tablet as a whole; a visit under way is not disturbed. */
function restart() {
  if (isIdle()) cleanStart();
}

/** The server names the set-up it has for us; if ours is another, it is fetched. */
function takeWord({ setup: tag, server_time: time }) {
  if (tag !== setup?.tag) fresh.refresh();
  outbox.tidy(time).catch(() => {});
}

/** A set-up has arrived; the visit under way keeps the one it began with. */
function takeSetup(fetched) {
  const same = setup !== null && setup.tag === fetched.tag;
  setup = fetched;
  if (fetched.app_version && fetched.app_version !== config.version) worker.check();
  if (!same) restart();
  outbox.wake();
}

// --- Start ---

async function start() {
  if (!isSecureContext) return void showInsecure();
  try {
    await probe();
    await recoverDrafts();
    setup = await keptSetup();
    skew = (await recall("skew")) ?? null;
    await connection.read({ wasPaired: setup !== null });
  } catch {
    return void fail();
  } finally {
    worker.started();
  }
  if (connection.paired) askForPersistence();
  cleanStart();
  fresh.refresh();
  sealOldOnes().catch(() => {}).then(() => outbox.again(config.version)).catch(outbox.wake);
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
  // Finger, mouse and key come before the focus they bring; without them it was moved by what
  // reads the screen to somebody.
  attract.stop({ byEar: event.type === "focusin" });
  idle.touch();
}

for (const kind of ["pointerdown", "keydown", "input", "wheel", "focusin"]) {
  addEventListener(kind, notice, { capture: true, passive: true });
}
addEventListener("keydown", (event) => { if (event.key === "Escape" && !scanner) visiting.back(); });
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  if (connection.takeCode() && mode === "pairing") stage.redraw();
});
// A page brought back from the browser's memory would show what its last visitor saw.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

setInterval(look, LOOK);
speak("az");
start().then(heart.beat);
