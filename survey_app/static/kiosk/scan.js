/**
 * Reads the square code of a visit ticket with the tablet's camera. Pictures are looked at one by
 * one and never kept or sent; the camera is off whenever this screen is not shown.
 */

import { make } from "./elements.js";
import { isSound, isSquareCode, plainCode, TICKET_LENGTH } from "./ticket-code.js";

const DECODER = new URL("../vendor/qr-decode.js", import.meta.url).href;
const EVERY = 200;
// As wide as a code held at arm's length needs; more only costs time.
const WIDTH = 640;
// Whoever walks away leaves no camera behind.
const PATIENCE = 45_000;

/** Whether this device may have a camera to ask for. */
export const canScan = () => Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

/** The letters of a ticket in what a code says: its address (…/t/BCDFGHJKLM) or the bare letters. */
export function ticketIn(text) {
  const address = /^https?:\/\/[^/]+\/t\/([^/?#]+)/i.exec(text.trim());
  const code = plainCode(address ? address[1] : text);
  return isSquareCode(code) || (code.length === TICKET_LENGTH && isSound(code)) ? code : null;
}

/**
 * Show the camera over `place`. `onCode(code)` gets the letters of a ticket; `onClose()` follows
 * whatever ends it, before `onCode`. `language` gives the words. Returns `{ close }`.
 */
export function openScanner({ place, onCode, onClose = () => {}, language }) {
  const video = make("video", { muted: true, playsinline: true, "aria-hidden": "true" });
  const news = make("p", { class: "news", role: "status" }, language.say("scan_waiting"));
  const turn = make("button", { type: "button", class: "way", hidden: true, onclick: () => use(other(facing)) }, language.say("scan_turn"));
  // What helps to aim, as long as there is a camera to aim at.
  const aim = [
    make("p", { id: "scan-help" }, language.say("scan_help")),
    make("div", { class: "sight" }, video, make("i")),
  ];
  const dialog = make("dialog", { class: "scanner", "aria-labelledby": "scan-title", "aria-describedby": "scan-help", onclose: close },
    make("h2", { id: "scan-title" }, language.say("scan_title")),
    ...aim,
    news,
    make("div", { class: "row" },
      make("button", { type: "button", class: "way", autofocus: true, onclick: close }, language.say("scan_close")),
      turn));
  let open = true;
  let facing = "user";
  let stream = null;
  let timer = 0;
  let asked = 0;
  const patience = setTimeout(close, PATIENCE);

  /** Turn on the camera on this side of the tablet. */
  async function use(side) {
    facing = side;
    release();
    showAim(true);
    asked += 1;
    const mine = asked;
    try {
      const granted = await navigator.mediaDevices.getUserMedia({
        audio: false, video: { facingMode: { ideal: side }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      // Closed, or turned again, while the permission was being asked for.
      if (mine !== asked || !open) return void end(granted);
      stream = granted;
      // In a mirror hands find their way; from behind one sees through.
      video.classList.toggle("mirror", side === "user");
      video.srcObject = stream;
      await video.play();
      const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
      turn.hidden = cameras.length < 2;
      tell("scan_looking");
      await look(await findReader(), mine);
    } catch (error) {
      if (mine !== asked || !open) return;
      release();
      showAim(false);
      tell(error.name === "NotAllowedError" ? "scan_refused" : "scan_failed");
    }
  }

  /** Look at the picture until it shows a ticket. */
  async function look(read, mine) {
    if (mine !== asked || !open) return;
    // A screen drawn anew has thrown this one away.
    if (!dialog.isConnected) return close();
    const text = await read(video).catch(() => null);
    if (mine !== asked || !open) return;
    const code = text && ticketIn(text);
    if (code) {
      close();
      return onCode(code);
    }
    if (text) tell("scan_other");
    timer = setTimeout(() => look(read, mine), EVERY);
  }

  /** The same news twice would be read out twice. */
  function tell(key) {
    const words = language.say(key);
    if (news.textContent !== words) news.textContent = words;
  }

  function showAim(shown) {
    for (const part of aim) part.hidden = !shown;
  }

  function release() {
    clearTimeout(timer);
    if (stream) end(stream);
    stream = null;
    video.srcObject = null;
  }

  function close() {
    if (!open) return;
    open = false;
    clearTimeout(patience);
    document.removeEventListener("visibilitychange", hide);
    release();
    dialog.close();
    dialog.remove();
    onClose();
  }

  const hide = () => { if (document.hidden) close(); };

  place.append(dialog);
  dialog.showModal();
  document.addEventListener("visibilitychange", hide);
  use(facing);
  return { close };
}

const other = (side) => (side === "user" ? "environment" : "user");

const end = (stream) => stream.getTracks().forEach((track) => track.stop());

/** What the browser brings, or else a decoder of our own; both answer with a text or null. */
async function findReader() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import(DECODER);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = Math.min(WIDTH, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height));
  };
}
