/** One visit on the screen: from the question to whichever end it comes to. */

import { advance, isAnswered, isBegun, isGentle, isOver, startVisit, stepOf, waysOn } from "./flow.js";
import { drawChosen, drawStep, drawWays } from "./screens.js";
import { beginSubmission } from "./submission.js";

const COUNTDOWN = 5;

/**
 * `speak(code)` changes the language of the whole page; `slower()` says whether this visitor
 * needs more time; `scan` opens the camera or is null; `stillness` is the wish for no movement.
 * `onSaved(visit)`, `onDeclined()`, `onLeft()` and `onFailure()` tell how a visit ended;
 * `onSaving()` comes before the first three of these can be known.
 */
export function createVisiting({
  stage, attract, idle, language, speak, faces, slower, scan, stillness, onSaving, onSaved, onDeclined, onLeft, onFailure,
}) {
  let visit = null;
  let submission = null;

  /** The first question of a visit nobody has begun; `rotating` lets its language turn. */
  function begin(setup, { rotating }) {
    visit = startVisit(setup);
    showStep({ rise: false });
    if (rotating) attract.start(language.order);
  }

  const still = () => stillness.matches || isGentle(visit);

  function showStep({ rise = true, from = null } = {}) {
    const together = !isBegun(visit) && still();
    stage.show("step", () => drawStep(visit, { language, faces, send, scan, together }), {
      rise: rise && !isGentle(visit),
      ways: () => drawWays(waysOn(visit), { answered: isAnswered(visit), language, go }),
      face: () => (isBegun(visit) && visit.index > 0 ? drawChosen(visit, { language, faces }) : []),
      from,
    });
    stay();
  }

  /** Somebody is there: start the idle clock that fits the screen. */
  function stay() {
    if (!visit) return;
    const seconds = (visit.setup.idle_seconds || 15) * patience();
    if (isBegun(visit)) idle.watch(seconds, COUNTDOWN * patience());
    else if (!attract.undisturbed) idle.watch(seconds, 0, onLeft);
    else idle.stop();
  }

  /** Those who asked for an aid get four times the time, those who write or have most to read twice. */
  function patience() {
    if (slower()) return 4;
    return ["text", "groups", "ticket"].includes(stepOf(visit).kind) ? 2 : 1;
  }

  /** What a visitor did on a step; `touched` is where, for a face. */
  function send(event, touched = null) {
    if (!visit) return;
    const first = event.type === "score" && !isBegun(visit);
    if (first) open();
    const wasTyping = visit.typing;
    visit = advance(visit, event);
    if (isBegun(visit) && !["comment", "letters"].includes(event.type)) submission.keep(visit, language.current);
    if (event.quiet) return void stage.drawWays();
    if (isOver(visit)) return void finish();
    showStep({ rise: !wasTyping, from: still() ? null : touched });
  }

  /** The first tap: it counts from here on, in the language it was read in. */
  function open() {
    const now = performance.now();
    const read = attract.languageAt(now, language.current);
    attract.end();
    if (read !== language.current) speak(read);
    submission = beginSubmission(onFailure, {
      device_ms: Math.round(now), lead_ms: Math.max(0, Math.round(now - stage.touchable)),
    });
  }

  function go(way) {
    if (!visit) return;
    if (way === "enough" || way === "send") finish();
    else if (way === "decline" && visit.index === 0) decline();
    else send({ type: way });
  }

  /** Nothing is said, and nothing of what was said before is kept. */
  async function decline() {
    const own = submission;
    clear();
    onSaving();
    await own?.abandon();
    onDeclined();
  }

  /** The visit is over, by whatever way: the rating is saved as it stands, then thanked for. */
  async function finish() {
    if (!visit || !isBegun(visit)) return;
    const [ended, own] = [visit, submission];
    clear();
    onSaving();
    try {
      await own.finish(ended, language.current);
    } catch {
      return void onFailure();
    }
    onSaved(ended);
  }

  /** Nothing of the visit is left here. */
  function clear() {
    idle.stop();
    attract.end();
    [visit, submission] = [null, null];
  }

  return {
    begin,
    stay,
    finish,
    clear,

    /** A question is shown or being answered. */
    get active() { return visit !== null; },

    /** Something was answered that must be kept. */
    get begun() { return visit !== null && isBegun(visit); },

    /** Whether movement is out of place, for this visitor or this survey. */
    get still() { return stillness.matches || (visit !== null && isGentle(visit)); },

    /**
     * Show the first question in a language, without drawing it anew. The names of its parts, by
     * which assistive technology knows them, stay in the language that is spoken.
     */
    retell(screen, code) {
      const { text, options } = stepOf(visit);
      const spoken = code === language.current;
      const named = [[screen.querySelector("h1"), text]];
      for (const [place, face] of screen.querySelectorAll(".face").entries()) named.push([face, options[place].text]);
      for (const [part, wording] of named) {
        const words = part.querySelector("span");
        words.textContent = language.wordingIn(code, wording);
        words.lang = code;
        words.ariaHidden = spoken ? null : "true";
        part.ariaLabel = spoken ? null : language.pick(wording);
      }
    },

    /** One step back, as with the Escape key. */
    back() {
      if (visit && waysOn(visit).includes("back")) send({ type: "back" });
    },

    /** Give up what was begun: it could not be kept. */
    abandon() {
      submission?.abandon();
      clear();
    },
  };
}
