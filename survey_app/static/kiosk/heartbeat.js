/** Tells the server every five minutes that the tablet is well, and what it still holds. */

import { ask } from "./door.js";
import { counts, recall } from "./store.js";

const EVERY = 300_000;

export function startHeartbeat({ version, onBeat, onEnded }) {
  let timer = 0;

  async function beat() {
    clearTimeout(timer);
    try {
      const token = await recall("token");
      if (token) {
        const { waiting, refused, sequence } = await counts();
        const body = JSON.stringify({ app_version: version, unsent: waiting, rejected: refused, last_sequence: sequence });
        const { status } = await ask("/api/v1/kiosk/heartbeat", { method: "POST", token, body });
        if (status === 401) onEnded(token);
      }
      onBeat();
    } catch {
      // A tablet that cannot read its own store says so on its screen; there is no one to tell here.
    }
    // Not quite five minutes, so that tablets switched on together drift apart.
    timer = setTimeout(beat, EVERY * (0.95 + Math.random() / 10));
  }
  return { beat };
}
