/**
 * A visit as a value: which step is shown, what was answered, what rating that makes.
 * Pure: no DOM, no clock, no storage.
 */

export const COMMENT_LIMIT = 1000;

/** A clean start: nothing answered. `startVisit(setup)` is the attract state. */
export function startVisit(setup) {
  return {
    setup, index: 0, score: null, answers: {}, service: null, area: null, comment: "",
    // The visitor's ticket; whether the page for typing it lies over the step, and what was typed.
    ticket: null, typing: false, letters: "",
  };
}

/** Whether anything was answered that must be kept. */
export const isBegun = (visit) => visit.score !== null;

/** Whether the visitor has gone past the last step. */
export const isOver = (visit) => visit.index >= stepsOf(visit).length;

/** The step shown now. */
export const stepOf = (visit) => (visit.typing ? TICKET : stepsOf(visit)[visit.index]);

const TICKET = Object.freeze({ kind: "ticket", code: null });

/**
 * The steps this visitor meets, given the score: the score, the outcome, what was good or bad, the
 * service, free words, and last, on one screen, the questions about groups that nobody need
 * answer. The service takes two taps or more: it comes after what three of them have said.
 */
function stepsOf({ setup, score, ticket }) {
  const { questions } = setup.survey;
  const steps = questions.filter((question) => question.role === "satisfaction");
  const asked = questions.filter((question) => isAsked(question, score));
  const follow = asked.filter(({ role }) => role !== "equality");
  // The ticket of a visit says what it was for.
  if (needsService(setup) && !ticket) {
    const after = follow.filter(({ role }) => role === "outcome" || role === "driver").at(-1);
    follow.splice(follow.indexOf(after) + 1, 0, { kind: "service", code: null });
  }
  const groups = asked.filter(({ role, kind }) => role === "equality" && kind === "single");
  if (groups.length > 0) follow.push({ kind: "groups", code: null, questions: groups });
  return [...steps.slice(0, 1), ...follow];
}

function isAsked(question, score) {
  const { role, kind, options, min_score: low, max_score: high } = question;
  const known = ["single", "multiple"].includes(kind) ? options?.length > 0 : kind === "text" && role === "free";
  return role !== "satisfaction" && known && (low ?? 1) <= score && score <= (high ?? 5);
}

const needsService = ({ touchpoint, areas }) =>
  touchpoint.service == null && (areas ?? []).some((area) => area.services.length > 0);

/** Where there is grief, not to answer is as easy as to answer. */
export const isGentle = ({ setup }) => setup.survey.dignity === true;

/**
 * What the visitor may do besides answering: any of "back", "enough", "decline", "forward",
 * "send". To decline takes the place of going on until the step has an answer.
 */
export function waysOn(visit) {
  if (visit.typing) return ["back", "enough"];
  const decline = isGentle(visit) && (visit.index === 0 || !isAnswered(visit)) ? ["decline"] : [];
  if (!isBegun(visit)) return decline;
  const ways = visit.index > 0 ? ["back"] : [];
  const last = visit.index === stepsOf(visit).length - 1;
  if (last) return [...ways, ...decline, "send"];
  return decline.length > 0 ? [...ways, "enough", ...decline] : [...ways, "enough", "forward"];
}

/** Whether a ticket may be asked for here: where the service is, and at the first follow-up. */
export const takesTicket = (visit) =>
  isBegun(visit) && !visit.typing && (visit.index === 1 || stepOf(visit).kind === "service") && visit.area === null;

/** Whether the step shown has an answer, so that going on does not mean skipping it. */
export function isAnswered(visit) {
  const step = stepOf(visit);
  if (step.kind === "ticket") return true;
  if (step.kind === "score") return isBegun(visit);
  if (step.kind === "service") return visit.service !== null;
  if (step.kind === "text") return cleaned(visit.comment) !== null;
  if (step.kind === "groups") return step.questions.some(({ code }) => visit.answers[code]?.length > 0);
  return (visit.answers[step.code] ?? []).length > 0;
}

/** The visit after an event: {type, ...}. Unknown events change nothing. */
export function advance(visit, event) {
  const step = stepOf(visit);
  switch (event.type) {
    case "score":
      return { ...visit, score: event.score, index: 1 };
    case "choose":
      return { ...visit, answers: { ...visit.answers, [step.code]: [event.option] }, index: visit.index + 1 };
    case "toggle":
      return { ...visit, answers: { ...visit.answers, [step.code]: toggled(visit.answers[step.code], event.option) } };
    case "say":
      return { ...visit, answers: { ...visit.answers, [event.question]: said(visit.answers[event.question], event.option) } };
    case "area":
      return { ...visit, area: event.area };
    case "service":
      return { ...visit, service: event.service, area: null, index: visit.index + 1 };
    case "comment":
      return { ...visit, comment: event.text };
    case "typing":
      return { ...visit, typing: true, letters: visit.ticket ?? "" };
    case "letters":
      return { ...visit, letters: event.text };
    case "ticket":
      return { ...visit, ticket: event.code, service: event.code ? null : visit.service, typing: false };
    case "decline":
      return { ...withoutAnswer(visit, step), area: null, index: visit.index + 1 };
    case "forward":
      return { ...visit, area: null, index: visit.index + 1 };
    case "back":
      if (visit.typing) return { ...visit, typing: false };
      return visit.area === null
        ? { ...visit, index: Math.max(0, visit.index - 1) }
        : { ...visit, area: null };
    default:
      return visit;
  }
}

/** Who would rather not say has said nothing here. */
function withoutAnswer(visit, step) {
  const answers = { ...visit.answers };
  for (const { code } of step.questions ?? [step]) delete answers[code];
  return {
    ...visit, answers,
    service: step.kind === "service" ? null : visit.service,
    comment: step.kind === "text" ? "" : visit.comment,
  };
}

function toggled(chosen = [], option) {
  return chosen.includes(option) ? chosen.filter((code) => code !== option) : [...chosen, option];
}

/** One option of a question; touching it again takes it back. */
const said = (chosen = [], option) => (chosen.includes(option) ? [] : [option]);

/** The rating as it stands. Answers to questions not asked at this score are left out. */
export function ratingOf(visit) {
  const answers = {};
  for (const { kind, code } of stepsOf(visit).flatMap((step) => step.questions ?? [step])) {
    const chosen = ["single", "multiple"].includes(kind) ? visit.answers[code] ?? [] : [];
    if (chosen.length > 0) answers[code] = chosen;
  }
  const { setup, score, service, ticket } = visit;
  const place = setup.touchpoint.service;
  return {
    survey_version: setup.survey.version,
    score,
    service: service ?? (typeof place === "string" ? place : null),
    answers,
    comment: cleaned(visit.comment),
    ...(ticket ? { ticket } : {}),
  };
}

/**
 * The comment in the form the server accepts, or null when there is none. One unpaired half of
 * an emoji would make the server refuse the whole document, and with it everybody's ratings.
 */
function cleaned(text) {
  const characters = Array.from((text ?? "").normalize("NFC")).filter(
    (character) => character === "\n" || !/[\p{Cc}\p{Cs}]/u.test(character),
  );
  return characters.slice(0, COMMENT_LIMIT).join("").trim() || null;
}

const FOLDED = { ə: "e", ı: "i", ё: "е" };

/** Letters as people type them in a hurry: "İşsiz" and "issiz" are the same. */
export function folded(text) {
  return text
    .replaceAll("İ", "i").replaceAll("I", "i")
    .toLowerCase()
    .replace(/[əıё]/g, (letter) => FOLDED[letter])
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");
}

/** Services with every word of `query` in their name in any language, or with its code. */
export function findServices(areas, query) {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return areas.flatMap((area) => area.services).filter((service) => {
    const names = [service.code, ...Object.values(service.name)].map(folded);
    return words.every((word) => names.some((name) => name.includes(word)));
  });
}
