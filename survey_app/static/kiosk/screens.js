/** Draws each step of a visit, and the few screens around it. Words come from `language`. */

import { COMMENT_LIMIT, findServices, stepOf } from "./flow.js";
import { drawing, make } from "./elements.js";

const CHECK = "M4.5 12.5l5 5L19.5 7";
const ARROW = "M19 12H5M11 6l-6 6 6 6";
const MAGNIFIER = "M16 16l5 5M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z";
const LONGEST_LIST = 40;

/** The parts of the step shown. `send(event)` carries what the visitor does. */
export function drawStep(visit, { language, faces, send }) {
  const step = stepOf(visit);
  const draw = { score: drawScore, single: drawSingle, multiple: drawMultiple, service: drawService, text: drawText, groups: drawGroups };
  return draw[step.kind](step, visit, { language, faces, send });
}

/** The heading takes the focus when a step appears, and names the group below it. */
const heading = (text, about = {}) => make("h1", { id: "question", tabindex: "-1", ...about }, text);

/** A question and what answers it; the two part when the controls are brought lower. */
const page = (question, ...answers) => [heading(question), make("div", { class: "answers" }, ...answers)];

const group = (name, children) =>
  make("div", { role: "group", class: name, "aria-labelledby": "question" }, ...children);

function drawScore(step, visit, { language, faces, send }) {
  const buttons = step.options.map((option, place) => {
    const score = Number(option.code);
    return make("button", {
      type: "button",
      class: "face",
      "aria-pressed": String(visit.score === score),
      onclick: (event) => {
        event.currentTarget.setAttribute("aria-pressed", "true");
        event.currentTarget.parentElement.classList.add("answered");
        send({ type: "score", score });
      },
    }, make("img", { src: faces[place], alt: "", width: "144", height: "144", draggable: "false" }),
    make("span", {}, language.pick(option.text)));
  });
  return page(language.pick(step.text), group("faces", buttons));
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
    onclick: (event) => {
      const button = event.currentTarget;
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      send({ type: "toggle", option: option.code, quiet: true });
    },
  }));
  return page(language.pick(step.text), group("choices many", buttons));
}

function drawService(step, visit, { language, send }) {
  const { areas } = visit.setup;
  const serviceChoice = (service) => choice(language.pick(service.name), {
    pressed: visit.service === service.code,
    onclick: () => send({ type: "service", service: service.code }),
  });
  const area = areas.find(({ code }) => code === visit.area);
  if (area) {
    return page(language.pick(area.name), group("choices list", area.services.map(serviceChoice)));
  }
  const areaChoices = () => areas.filter(({ services }) => services.length > 0).map(({ code, name, services }) =>
    choice(language.pick(name), {
      pressed: services.some((service) => service.code === visit.service),
      onclick: () => send({ type: "area", area: code }),
    }));
  const list = group("choices list", areaChoices());
  const nothing = make("p", { class: "hint", role: "status" });
  const search = make("input", {
    type: "text", inputmode: "search", enterkeyhint: "search", maxlength: "60",
    autocomplete: "off", autocorrect: "off", autocapitalize: "off", spellcheck: "false",
    "aria-label": language.say("service_search"), placeholder: language.say("service_search"),
    oninput: (event) => {
      const query = event.currentTarget.value.trim();
      const found = query.length < 2 ? null : findServices(areas, query);
      list.replaceChildren(...(found ? found.slice(0, LONGEST_LIST).map(serviceChoice) : areaChoices()));
      nothing.textContent = found?.length === 0 ? language.say("service_none") : "";
    },
  });
  return page(language.say("service_question"),
    make("div", { class: "search" }, drawing(MAGNIFIER), search), nothing, list);
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

function choice(text, { pressed, marked = false, onclick }) {
  return make("button", { type: "button", class: "choice", "aria-pressed": String(pressed), onclick },
    marked ? make("span", { class: "box" }, drawing(CHECK)) : null,
    make("span", {}, text));
}

/** The face chosen stays in sight, with its word. */
export function drawChosen(visit, { language, faces }) {
  const question = visit.setup.survey.questions.find(({ role }) => role === "satisfaction");
  const place = question.options.findIndex(({ code }) => Number(code) === visit.score);
  return [
    make("img", { src: faces[place], alt: "", width: "56", height: "56", draggable: "false" }),
    make("p", {}, make("span", { class: "unseen" }, `${language.say("your_rating")} `), language.pick(question.options[place].text)),
  ];
}

/** The ways on from here: back, enough, forward, send. `go(way)` is told which was taken. */
export function drawWays(ways, { answered, language, go }) {
  const words = { back: "back", enough: "enough", forward: answered ? "continue" : "skip", send: "send" };
  return ways.map((way) => make("button", {
    type: "button",
    class: way === "send" || (way === "forward" && answered) ? `way ${way} primary` : `way ${way}`,
    onclick: () => go(way),
  }, way === "back" ? drawing(ARROW) : null, make("span", {}, language.say(words[way]))));
}

export function drawThanks(language) {
  return [
    make("div", { class: "quiet" },
      make("div", { class: "seal" }, drawing(CHECK)),
      make("h1", {}, language.say("thanks")),
      make("p", { class: "large" }, language.say("thanks_saved"))),
  ];
}

/** A plain page for staff: a title and sentences. */
export function drawNotice(title, sentences) {
  return [
    make("div", { class: "quiet notice" },
      heading(title),
      ...sentences.map((sentence) => make("p", {}, sentence))),
  ];
}
