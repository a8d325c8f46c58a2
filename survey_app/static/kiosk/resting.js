/** The screens without a question: thanks, notices, the tablet at rest and asleep. */

import { drawing, make } from "./elements.js";
import { CHECK, heading } from "./pieces.js";

const BUBBLE = "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-6L9 20v-3.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5zM9.4 9.2a2.7 2.7 0 0 1 5.2 1.2 2.7 2.7 0 0 1-5.3.6h5.2";

/** After a rating. Where there is grief, nothing is celebrated. */
export function drawThanks(language, { gentle }) {
  return [
    make("div", { class: "quiet" },
      gentle ? null : make("div", { class: "seal" }, drawing(CHECK)),
      make("h1", { tabindex: "-1" }, language.say("thanks")),
      make("p", { class: "large" }, language.say("thanks_saved"))),
  ];
}

/** After somebody would rather not say: nothing was kept, and nothing more is asked. */
export function drawFarewell(language) {
  return [make("div", { class: "quiet" }, make("h1", { tabindex: "-1" }, language.say("farewell")))];
}

/** A plain page: a title and sentences. */
export function drawNotice(title, sentences) {
  return [
    make("div", { class: "quiet notice" },
      heading(title),
      ...sentences.map((sentence) => make("p", {}, sentence))),
  ];
}

/** The tablet at rest, in every language, whoever comes by. */
export function drawPaused(language) {
  const [first, ...others] = language.order;
  return [
    make("div", { class: "quiet notice" },
      heading(language.sayIn(first, "paused_title")),
      make("p", {}, language.sayIn(first, "paused_help")),
      ...others.map((code) => make("div", { lang: code, class: "hint" },
        make("p", {}, language.sayIn(code, "paused_title")), make("p", {}, language.sayIn(code, "paused_help"))))),
  ];
}

/** Outside opening hours: dark, with the hours in every language; any touch wakes it for one visit. */
export function drawAsleep(setup, { language, onWake }) {
  const { name, hours } = setup.center;
  const blocks = language.order.map((code, place) => make("div", { lang: code },
    make(place === 0 ? "h1" : "p", place === 0 ? { id: "question", tabindex: "-1" } : { class: "name" },
      language.wordingIn(code, name)),
    make("p", {}, language.sayIn(code, "asleep_hours", { hours: hoursOf(hours, (day) => language.sayIn(code, `day_${day}`)) }))));
  return [
    make("div", { class: "drift" }, drawing(BUBBLE), ...blocks),
    make("button", { type: "button", class: "wake", onclick: onWake },
      ...language.order.map((code) => make("span", { lang: code }, language.sayIn(code, "asleep_wake")))),
  ];
}

/** "Monday – Friday 09:00–18:00": neighbouring days with the same hours are told together. */
function hoursOf(hours, nameOf) {
  const runs = [];
  for (let day = 1; day <= 7; day += 1) {
    const span = hours[day]?.join("–");
    const last = runs.at(-1);
    if (last && last.span === span && last.to === day - 1) last.to = day;
    else if (span) runs.push({ from: day, to: day, span });
  }
  return runs.map(({ from, to, span }) =>
    `${nameOf(from)}${to === from ? "" : ` – ${nameOf(to)}`} ${span}`).join(", ");
}
