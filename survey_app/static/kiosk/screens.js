/** Draws each step of a visit. Words come from `language`. */

import { COMMENT_LIMIT, isGentle, stepOf, takesTicket } from "./flow.js";
import { drawing, make } from "./elements.js";
import { choice, group, heading, page } from "./pieces.js";
import { pictogramOf } from "./pictograms.js";
import { drawService } from "./services.js";
import { drawTicket, drawTicketButton } from "./ticket.js";

const ARROW = "M19 12H5M11 6l-6 6 6 6";

const DRAW = {
  score: drawScore, single: drawSingle, multiple: drawMultiple,
  service: drawService, ticket: drawTicket, text: drawText, groups: drawGroups,
};

/**
 * The parts of the step shown. `send(event)` carries what the visitor does; `together` shows the
 * first question in every language at once.
 */
export function drawStep(visit, tools) {
  const step = stepOf(visit);
  const parts = DRAW[step.kind](step, visit, tools);
  if (takesTicket(visit)) parts.at(-1).append(drawTicketButton(visit, tools));
  return parts;
}

function drawScore(step, visit, { language, faces, send, together }) {
  const gentle = isGentle(visit);
  const buttons = step.options.map((option, place) => {
    const score = Number(option.code);
    return make("button", {
      type: "button",
      class: gentle ? "choice word" : "face",
      "aria-pressed": String(visit.score === score),
      // By a key there is no place that was touched.
      onclick: ({ detail, clientX: x, clientY: y }) => send({ type: "score", score }, detail > 0 ? { x, y } : null),
    }, gentle ? null : make("img", { src: faces[place], alt: "", width: "144", height: "144", draggable: "false" }),
    make("span", {}, language.pick(option.text)));
  });
  const others = together ? language.order.filter((code) => code !== language.current) : [];
  return [
    make("div", { class: "opening" },
      heading(make("span", {}, language.pick(step.text))),
      ...others.map((code) => make("p", { lang: code, class: "also" }, language.wordingIn(code, step.text)))),
    make("div", { class: "answers" }, group(gentle ? "words" : "faces", buttons)),
  ];
}

function drawSingle(step, visit, { language, send }) {
  const chosen = visit.answers[step.code] ?? [];
  const buttons = step.options.map((option) => choice(language.pick(option.text), {
    pressed: chosen.includes(option.code),
    onclick: () => send({ type: "choose", option: option.code }),
  }));
  const name = step.options.length <= 4 ? "choices few" : "choices";
  return page(language.pick(step.text), group(name, buttons));
}

function drawMultiple(step, visit, { language, send }) {
  const chosen = visit.answers[step.code] ?? [];
  const buttons = step.options.map((option) => choice(language.pick(option.text), {
    pressed: chosen.includes(option.code),
    marked: true,
    pictogram: pictogramOf(option.code),
    onclick: (event) => {
      const button = event.currentTarget;
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      send({ type: "toggle", option: option.code, quiet: true });
    },
  }));
  return page(language.pick(step.text), group("choices many", buttons));
}

function drawText(step, visit, { language, send }) {
  const full = make("p", { class: "hint full", role: "status" });
  const field = make("textarea", {
    rows: "4", maxlength: String(COMMENT_LIMIT), autocomplete: "off", autocorrect: "off", spellcheck: "false",
    "aria-labelledby": "question", "aria-describedby": "comment-hint",
    oninput: (event) => {
      const text = event.currentTarget.value;
      full.textContent = text.length >= COMMENT_LIMIT ? language.say("comment_full") : "";
      send({ type: "comment", text, quiet: true });
    },
  });
  field.value = visit.comment;
  return page(language.pick(step.text),
    field, make("p", { id: "comment-hint", class: "hint" }, language.say("comment_hint")), full);
}

/** All questions about groups on one screen, with their purpose; none of them need be answered. */
function drawGroups(step, visit, { language, send }) {
  const rows = step.questions.map(({ code, text, options }, place) => {
    const chips = options.map((option) => choice(language.pick(option.text), {
      pressed: (visit.answers[code] ?? []).includes(option.code),
      onclick: (event) => {
        for (const chip of chips) {
          const on = chip === event.currentTarget && chip.getAttribute("aria-pressed") !== "true";
          chip.setAttribute("aria-pressed", String(on));
        }
        send({ type: "say", question: code, option: option.code, quiet: true });
      },
    }));
    return make("div", { role: "group", class: "about", "aria-labelledby": `about-${place}`, "aria-describedby": "purpose" },
      make("h2", { id: `about-${place}` }, language.pick(text)), make("div", { class: "chips" }, ...chips));
  });
  return [
    make("div", { class: "opening" },
      heading(language.say("groups_title"), { "aria-describedby": "purpose" }),
      make("p", { id: "purpose", class: "hint" }, language.say("groups_purpose"))),
    make("div", { class: "answers" }, ...rows),
  ];
}

/** What was chosen first stays in sight: the face with its word, or the word alone. */
export function drawChosen(visit, { language, faces }) {
  const question = visit.setup.survey.questions.find(({ role }) => role === "satisfaction");
  const place = question.options.findIndex(({ code }) => Number(code) === visit.score);
  return [
    isGentle(visit) ? null : make("img", { src: faces[place], alt: "", width: "56", height: "56", draggable: "false" }),
    make("p", {}, make("span", { class: "unseen" }, `${language.say("your_rating")} `), language.pick(question.options[place].text)),
  ].filter(Boolean);
}

/** The ways on from here: back, enough, decline, forward, send. `go(way)` is told which was taken. */
export function drawWays(ways, { answered, language, go }) {
  const words = { back: "back", enough: "enough", decline: "decline", forward: answered ? "continue" : "skip", send: "send" };
  return ways.map((way) => make("button", {
    type: "button",
    class: way === "send" || (way === "forward" && answered) ? `way ${way} primary` : `way ${way}`,
    onclick: () => go(way),
  }, way === "back" ? drawing(ARROW) : null, make("span", {}, language.say(words[way]))));
}
