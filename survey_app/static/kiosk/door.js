/**
 * The server's door: asks, and reports only what can be believed to be the server's own word.
 * A portal's page, a redirect, half an answer or silence all come back as `{status: 0}`.
 */

import { skewOf } from "./clock.js";
import { signed } from "./keys.js";
import { countBeat } from "./store.js";

const PATIENCE = 20_000;

export const NO_ANSWER = Object.freeze({ status: 0, body: null, retryAfter: 0, skew: null });

/**
 * Ask, signed with the device's key: {status, body, retryAfter, skew}. `skew` is the server's
 * clock less ours in milliseconds, as far as this answer shows it, else null.
 */
export async function ask(path, { method = "GET", token = null, body = null, patience = PATIENCE } = {}) {
  const headers = { Accept: "application/json, application/problem+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== null) headers["Content-Type"] = "application/json";
  const stop = new AbortController();
  // The clock runs until the whole answer is here: a server may hang half-way through it.
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const signature = await signed(method, path, body);
    if (signature) headers["X-Rey-Signature"] = signature;
    const askedAt = performance.now();
    const response = await fetch(path, {
      method,
      headers,
      body,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    const answer = await believed(response);
    return { ...answer, skew: skewOf(answer.body?.server_time, performance.now() - askedAt, Date.now()) };
  } catch {
    return NO_ANSWER;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ask what counts as a sign of life: each has a number, so that what somebody recorded is worth
 * nothing a second time. `about` is what else the document says.
 */
export async function askCounted(path, token, about = {}) {
  const once = async (heard) => ask(path, {
    method: "POST", token, body: JSON.stringify({ ...about, heartbeats: await countBeat(heard) }),
  });
  const answer = await once();
  const heard = answer.status === 409 ? answer.body.heartbeats : null;
  return Number.isSafeInteger(heard) ? once(heard) : answer;
}

async function believed(response) {
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0].trim().toLowerCase();
  const retryAfter = secondsToWait(response.headers.get("Retry-After"));
  if (response.status === 204) return { status: 204, body: null, retryAfter };
  const expected = response.ok ? "application/json" : "application/problem+json";
  if (type !== expected) {
    // Even a proxy's 429 or 503 may say how long to leave it alone, and its 413 that we sent
    // too much. Nothing else of a stranger's answer counts.
    return [413, 429, 503].includes(response.status)
      ? { status: response.status, body: null, retryAfter }
      : NO_ANSWER;
  }
  const body = await response.json();
  return body !== null && typeof body === "object"
    ? { status: response.status, body, retryAfter }
    : NO_ANSWER;
}

/** Retry-After as seconds, an hour at most: no stranger may silence a tablet for a year. */
function secondsToWait(header, now = Date.now()) {
  if (!header) return 0;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 3600) : 0;
}
