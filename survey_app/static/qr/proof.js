// Computes the proof of work that the form's challenge asks for, while a person fills the form.
// The protocol is ALTCHA's, version 2. The browser derives the keys beside the page's own work,
// so this needs no worker, which our content security policy would refuse.

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// The server's hardest challenge is far below; beyond this somebody else made it.
const MOST_TRIES = 5_000;

/** The proof for a challenge as the server reads it; null when none is found. */
async function solve(challenge) {
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const password = new Uint8Array([...bytesOf(nonce), 0, 0, 0, 0]);
  const tail = new DataView(password.buffer, password.length - 4);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  for (let counter = 0; counter < MOST_TRIES; counter += 1) {
    tail.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits(how, key, keyLength * 8);
    const derivedKey = hexOf(new Uint8Array(bits));
    if (derivedKey.startsWith(keyPrefix)) {
      return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    }
  }
  return null;
}

/**
 * Fill the form's field `proof` if the form carries a challenge (`data-challenge`).
 * Never fails: a browser that cannot (no secure context) sends the form without a proof, and the
 * rating is kept all the same.
 */
export async function prove(form) {
  if (!form.dataset.challenge || !globalThis.crypto?.subtle) {
    return;
  }
  try {
    form.elements.proof.value = (await solve(JSON.parse(form.dataset.challenge))) ?? "";
  } catch (error) {
    console.warn("no proof of work", error);
  }
}
