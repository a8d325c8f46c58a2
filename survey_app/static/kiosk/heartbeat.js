/** Tells the server about once a minute that the tablet is well, and what it still holds. */

import { pauseAfter } from "./backoff.js";
import { deviceCondition } from "./condition.js";
import { askCounted } from "./door.js";
import { counts, noteSkew, recall } from "./store.js";

// What a manager decides must reach the tablet within a minute.
const EVERY = 50_000;

/**
 * `onBeat()` follows each attempt, `onHeard(answer)` gets what the server said, `onEnded(token)` hears
 * that it no longer knows the credential.
 */
export function startHeartbeat({ version, onBeat, onHeard, onEnded }) {
  let timer = 0;
  let failures = 0;
  let heardAt = null;

  async function beat() {
    clearTimeout(timer);
    const answer = await send().catch(() => null);
    // A tablet that cannot read its own store says so on its screen; there is no one to tell here.
    failures = answer === null || answer.status === 200 ? 0 : failures + 1;
    onBeat();
    clearTimeout(timer);
    const pause = Math.max(failures > 0 ? pauseAfter(failures) : 0, answer?.retryAfter ?? 0) * 1000;
    // Not quite evenly, so that tablets switched on together drift apart.
    timer = setTimeout(beat, Math.max(pause, EVERY * (0.95 + Math.random() / 10)));
  }

  /** One sign of life; null when there is no credential to send it with. */
  async function send() {
    const token = await recall("token");
    if (!token) return null;
    const answer = await askCounted("/api/v1/kiosk/heartbeat", token, await signOfLife(version));
    if (answer.status === 401) onEnded(token);
    if (answer.status === 200) {
      heardAt = Date.now();
      await noteSkew(answer.skew);
      onHeard(answer.body);
    }
    return answer;
  }

  return {
    beat,
    /** When the server last answered, by this tablet's clock; null before it did. */
    get heardAt() { return heardAt; },
  };
}

async function signOfLife(version) {
  const [{ waiting, refused, sequence }, rated, skew, condition] = await Promise.all([
    counts(), recall("rated"), recall("skew"), deviceCondition(),
  ]);
  return {
    app_version: version,
    unsent: waiting,
    rejected: refused,
    last_sequence: sequence,
    ...(rated ? { last_rating_at: rated } : {}),
    ...(Number.isInteger(skew) ? { skew_ms: skew } : {}),
    ...condition,
  };
}
