/** Ends the pairing from the tablet's side. What is in the outbox stays for the next one. */

import { askCounted } from "./door.js";
import { recall } from "./store.js";

/** Tell the server; gives {token, heard}: whose pairing ended, and whether the server knows it. */
export async function unpair() {
  const token = await recall("token");
  if (!token) return { token: null, heard: true };
  const { status } = await askCounted("/api/v1/kiosk/unpair", token);
  // 401: the server let go of it before we did.
  return { token, heard: [200, 401].includes(status) };
}
