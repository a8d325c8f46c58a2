/** The ten letters of a visit ticket: how they are typed, shown, and found to be mistyped. */

// Twenty consonants that are told apart by eye and form no words.
const ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";

export const TICKET_LENGTH = 10;

/** Letters only, as they are kept: whatever case, spaces and dashes they were typed with. */
export const plainCode = (text) => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Two groups of five, which the eye can hold. */
export function groupedCode(code) {
  const plain = plainCode(code).slice(0, TICKET_LENGTH);
  return plain.length > 5 ? `${plain.slice(0, 5)}-${plain.slice(5)}` : plain;
}

/** Luhn's algorithm, modulo 20: any one wrong letter shows, and nearly every swap of neighbours. */
export function isSound(code) {
  let total = 0;
  for (const [place, letter] of Array.from(code).reverse().entries()) {
    const value = ALPHABET.indexOf(letter) * (place % 2 === 1 ? 2 : 1);
    if (value < 0) return false;
    total += Math.floor(value / ALPHABET.length) + (value % ALPHABET.length);
  }
  return code.length > 1 && total % ALPHABET.length === 0;
}

/** The longer code in a ticket's square, which nobody types: 128 bits in capitals and digits. */
export const isSquareCode = (code) => /^[A-Z2-7]{26}$/.test(code);

/** What is wrong with a typed code, as the key of a text; null when nothing is. */
export function problemOf(code) {
  if (code.length !== TICKET_LENGTH) return "ticket_incomplete";
  return isSound(code) ? null : "ticket_mistyped";
}
