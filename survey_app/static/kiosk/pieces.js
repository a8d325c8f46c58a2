/** What every step is made of: a heading, the answers below it, and choices among them. */

import { drawing, make } from "./elements.js";

export const CHECK = "M4.5 12.5l5 5L19.5 7";

/** The heading takes the focus when a step appears, and names the group below it. */
export const heading = (words, about = {}) => make("h1", { id: "question", tabindex: "-1", ...about }, words);

/** A question and what answers it; the two part when the controls are brought lower. */
export const page = (question, ...answers) => [heading(question), make("div", { class: "answers" }, ...answers)];

export const group = (name, children) =>
  make("div", { role: "group", class: name, "aria-labelledby": "question" }, ...children);

/** One answer that can be chosen; `marked` gives it a box to tick, `pictogram` a drawing. */
export function choice(text, { pressed, marked = false, pictogram = null, onclick }) {
  return make("button", { type: "button", class: "choice", "aria-pressed": String(pressed), onclick },
    pictogram ? drawing(pictogram) : null,
    make("span", { class: "text" }, text),
    marked ? make("span", { class: "box" }, drawing(CHECK)) : null);
}
