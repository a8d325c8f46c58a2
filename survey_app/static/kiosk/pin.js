/**
 * The PIN of the staff menu: checked on the tablet itself, for days without a network. Five wrong
 * tries lock it for a quarter of an hour, and neither a reload nor a power cut gives them back.
 */

import { recall, remember } from "./store.js";

const TRIES = 5;
const LOCKED_FOR = 15 * 60_000;

/** {left, until}: how many tries are left, and until when there are none, or null. */
export async function triesLeft(now = Date.now()) {
  const { wrong = 0, until = null } = await recall("pin") ?? {};
  if (until === null) return { left: TRIES - wrong, until: null };
  // A clock that was set back must not lock the menu for longer than the rule says.
  const end = Math.min(until, now + LOCKED_FOR);
  return end > now ? { left: 0, until: end } : { left: TRIES, until: null };
}

let before = Promise.resolve();

/**
 * Try a PIN against {salt, iterations, hash}: {right, left, until}. One after the other, or tries
 * made in a hurry would all count as the same one.
 */
export function tryPin(pin, kept) {
  const trying = before.then(() => judged(pin, kept));
  before = trying.catch(() => {});
  return trying;
}

async function judged(pin, kept) {
  const { left, until } = await triesLeft();
  if (left === 0) return { right: false, left, until };
  // The try is spent before it is judged: pulling the plug must not save it.
  const wrong = TRIES - left + 1;
  await remember("pin", { wrong, until: wrong === TRIES ? Date.now() + LOCKED_FOR : null });
  if (await derived(pin, kept) !== kept.hash.replace(/=+$/, "")) return { right: false, ...await triesLeft() };
  await remember("pin", undefined);
  return { right: true, left: TRIES, until: null };
}

async function derived(pin, { salt, iterations, hash }) {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations }, material, bytesOf(hash).length * 8,
  );
  return btoa(String.fromCharCode(...new Uint8Array(bits)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Bytes written as base64url, without or with padding. */
function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
