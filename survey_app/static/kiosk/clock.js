/**
 * The center's time, whatever the tablet's clock and calendar say. Pure: nothing here reads the
 * page or the store. `center` is that of the set-up document; instants are milliseconds.
 */

const MINUTE = 60_000;
// Staff open early and close late; the server allows a tablet's rating the same quarter of an hour.
const TOLERANCE = 15 * MINUTE;
// A clock that is so little off is not corrected: the estimate is no better than the line.
const NEGLIGIBLE = 2_000;

/** Our best guess at the server's clock; `skew` is the server's clock less this tablet's, or null. */
export function correctedNow(skew, now = Date.now()) {
  return Math.abs(skew ?? 0) > NEGLIGIBLE ? now + skew : now;
}

/**
 * The server's clock less ours, in milliseconds, from one answer: it was written about half-way
 * between asking and hearing. Null when it names no time or took too long to say anything.
 */
export function skewOf(serverTime, roundTrip, heardAt) {
  const told = typeof serverTime === "string" ? Date.parse(serverTime) : NaN;
  return Number.isFinite(told) && roundTrip <= 5_000 ? Math.round(told + roundTrip / 2 - heardAt) : null;
}

/** Whether the center serves at this instant, a quarter of an hour before and after included. */
export function isOpen(center, instant) {
  if (!center.time_zone) return true;
  const { day, minutes } = wallClock(center, instant);
  const week = weekOn(center, day);
  // Without hours we know nothing; better awake than asleep for ever.
  if (Object.keys(week).length === 0) return true;
  const hours = hoursOn(center, week, day);
  const tolerance = TOLERANCE / MINUTE;
  return hours !== null && hours[0] - tolerance <= minutes && minutes <= hours[1] + tolerance;
}

/** {day: "YYYY-MM-DD", minutes}: the calendar and the minutes since midnight in the center. */
function wallClock(center, instant) {
  // The Swedish way of writing dates is ISO's; only the numbers are read from it.
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("sv-SE", {
      timeZone: center.time_zone, calendar: "iso8601", numberingSystem: "latn", hourCycle: "h23",
      year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    minutes: Number(parts.hour) * 60 + Number(parts.minute) + Number(parts.second) / 60,
  };
}

/** The hours by weekday that are in force on a day: after weeks without a network perhaps later ones. */
function weekOn({ hours, hours_next: next }, day) {
  return (next ?? []).filter(({ since }) => since <= day).at(-1)?.hours ?? hours ?? {};
}

/** [opens, closes] in minutes since midnight, or null on a day the center is closed. */
function hoursOn({ closed_days: closed }, week, day) {
  if (closed?.includes(day)) return null;
  const weekday = new Date(`${day}T00:00Z`).getUTCDay() || 7;
  return week[weekday]?.map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) ?? null;
}
