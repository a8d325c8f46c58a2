/**
 * A visit as a value: which step is shown, what was answered, what rating that makes.
 * Pure: no DOM, no clock, no storage.
 */

export const COMMENT_LIMIT = 1000;

/** A clean start: nothing answered. `startVisit(setup)` is the attract state. */
export function startVisit(setup) {
  return { setup, index: 0, score: null, answers: {}, service: null, area: null, comment: "" };
}

/** Whether anything was answered that must be kept. */
export const isBegun = (visit) => visit.score !== null;

/** Whether the visitor has gone past the last step. */
export const isOver = (visit) => visit.index >= stepsOf(visit).length;

/** The step shown now. */
export const stepOf = (visit) => stepsOf(visit)[visit.index];

/** The steps this visitor meets, given the score: the score, the outcome, the service, the rest,
 *  and last, on one screen, the questions about groups that nobody need answer. */
export function stepsOf({ setup, score }) {
  const { questions } = setup.survey;
  const steps = questions.filter((question) => question.role === "satisfaction");
  const asked = questions.filter((question) => isAsked(question, score));
  const follow = asked.filter(({ role }) => role !== "equality");
  if (needsService(setup)) {
    const after = follow.findIndex((question) => question.role === "outcome") + 1;
    follow.splice(after, 0, { kind: "service", code: null });
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

/** What the visitor may do besides answering: any of "back", "enough", "forward", "send". */
export function waysOn(visit) {
  if (!isBegun(visit)) return [];
  const ways = visit.index > 0 ? ["back"] : [];
  const last = visit.index === stepsOf(visit).length - 1;
  return last ? [...ways, "send"] : [...ways, "enough", "forward"];
}

/** Whether the step shown has an answer, so that going on does not mean skipping it. */
export function isAnswered(visit) {
  const step = stepOf(visit);
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
    case "forward":
      return { ...visit, area: null, index: visit.index + 1 };
    case "back":
      return visit.area === null
        ? { ...visit, index: Math.max(0, visit.index - 1) }
        : { ...visit, area: null };
    default:
      return visit;
  }
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
  const { setup, score, service } = visit;
  const place = setup.touchpoint.service;
  return {
    survey_version: setup.survey.version,
    score,
    service: service ?? (typeof place === "string" ? place : null),
    answers,
    comment: cleaned(visit.comment),
  };
}

/**
 * The comment in the form the server accepts, or null when there is none. One unpaired half of
 * an emoji would make the server refuse the whole document, and with it everybody's ratings.
 */
export function cleaned(text) {
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
