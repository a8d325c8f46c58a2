/** What the tablet knows of its own state, as lines for the staff menu. */

import { deviceCondition } from "./condition.js";
import { counts, recall, refusedSince } from "./store.js";

const MEGABYTE = 1_000_000;

/** [{name, value}] in the language spoken; `heardAt` is when the server last answered, or null. */
export async function diagnose({ language: { say, pick }, setup, version, heardAt }) {
  const [{ waiting, refused }, since, sent, skew, { battery, storage }] = await Promise.all([
    counts(), refusedSince(), recall("sent"), recall("skew"), deviceCondition(),
  ]);
  const unknown = say("diag_unknown");
  const lines = {
    diag_connection: heardAt === null ? say("diag_silent") : say("diag_heard", { time: timeOf(heardAt) }),
    diag_unsent: waiting,
    diag_refused: since ? say("diag_refused_since", { count: refused, time: timeOf(since) }) : refused,
    diag_sent: sent ? timeOf(Date.parse(sent)) : say("diag_never"),
    diag_storage: storage ? `${Math.round(storage.free / MEGABYTE)} MB` : unknown,
    diag_persistent: storage ? say(storage.persistent ? "diag_yes" : "diag_no") : unknown,
    diag_battery: battery ? `${battery.percent} %${battery.charging ? `, ${say("diag_charging")}` : ""}` : unknown,
    diag_skew: Number.isInteger(skew) ? say("diag_seconds", { count: Math.round(skew / 1000) }) : unknown,
    diag_version: version,
    diag_center: setup ? pick(setup.center.name) : unknown,
    diag_place: setup ? [pick(setup.touchpoint.label), setup.tablet.name].filter(Boolean).join(" · ") : unknown,
  };
  return Object.entries(lines).map(([key, value]) => ({ name: say(key), value: String(value) }));
}

/** "05.10.2026 12:00", read alike in the three languages; browsers cannot write Azerbaijani dates. */
export function timeOf(instant) {
  const time = new Date(instant);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(time.getDate())}.${two(time.getMonth() + 1)}.${time.getFullYear()} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
