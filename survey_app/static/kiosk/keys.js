/**
 * The device's own keys, which no script can read out: one signs what it sends, one locks what it
 * keeps. They are made once, outlive every pairing, and live in IndexedDB beside the queue.
 */

import { keepKeys, recallKeys } from "./store.js";

const SIGNING = { name: "ECDSA", namedCurve: "P-256" };
const SEALING = { name: "AES-GCM", length: 256 };

/** Browsers give these only to pages that came safely: https, or the machine itself. */
const canKeepSecrets = () => Boolean(globalThis.crypto?.subtle);

/**
 * Both keys; made on the first call of a device's life. They are read anew each time: a store
 * that was cleared has none, and what is sealed with those we remember could never be opened.
 */
async function keys() {
  const kept = await recallKeys();
  if (kept) return kept;
  const [signing, sealing] = await Promise.all([
    crypto.subtle.generateKey(SIGNING, false, ["sign", "verify"]),
    crypto.subtle.generateKey(SEALING, false, ["encrypt", "decrypt"]),
  ]);
  // Another tab may have been faster: then its keys are the device's.
  return keepKeys({ signing, sealing });
}

/** The public key as the server knows it: an uncompressed point in base64url. */
export async function publicKey() {
  const { signing } = await keys();
  return base64url(await crypto.subtle.exportKey("raw", signing.publicKey));
}

/** The signature of a request, or null where there can be none. */
export async function signed(method, path, body) {
  if (!canKeepSecrets()) return null;
  const { signing } = await keys();
  const message = new TextEncoder().encode(`${method} ${path}\n${body ?? ""}`);
  return base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, signing.privateKey, message));
}

/**
 * Lock a value away: {iv, data}. It opens only under the same `label`, so that nobody can put the
 * words of one rating under the id of another.
 */
export async function seal(value, label) {
  const { sealing } = await keys();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt(about(iv, label), sealing, plain) };
}

/** Opens what was sealed: `open(sealed, label)` throws when it is not ours or was changed. */
export async function unsealing() {
  const { sealing } = await keys();
  return async ({ iv, data }, label) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(about(iv, label), sealing, data)));
}

const about = (iv, label) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(label) });

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
