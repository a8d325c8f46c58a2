/**
 * While nobody is there the question turns from one language to the next. It stops at the first
 * sign of a person, and a tap just after a turn belongs to the language that was read before it.
 */

const EVERY = 7_000;
const GRACE = 700;
const FADE = 150;

/**
 * `turn(code)` puts the question into another language; `moving()` says whether movement is
 * wanted; `screen` fades around the turn; `onStop()` hears of the first sign of a person.
 */
export function createAttract({ screen, turn, moving, onStop }) {
  let order = [];
  let timer = 0;
  let turned = { at: -Infinity, from: null };
  let fading = null;
  let running = false;

  function next() {
    const [from, to] = [order[0], order[1]];
    fading = screen.animate([{ opacity: 1 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], { duration: FADE });
    timer = setTimeout(() => {
      order = [...order.slice(1), from];
      turned = { at: performance.now(), from };
      turn(to);
      timer = setTimeout(next, EVERY);
    }, FADE / 2);
  }

  /** Somebody is there: what is shown stays. */
  function stop() {
    if (!running) return;
    end();
    onStop();
  }

  function end() {
    running = false;
    clearTimeout(timer);
    fading?.cancel();
    screen.classList.remove("attracting");
  }

  return {
    /** Nobody has touched the question since it was put up. */
    get undisturbed() { return running; },

    /** Begin with the first of `languages`, which is shown already. */
    start(languages) {
      clearTimeout(timer);
      order = languages;
      turned = { at: -Infinity, from: null };
      running = true;
      if (!moving()) return;
      screen.classList.add("attracting");
      timer = setTimeout(next, EVERY);
    },

    stop,

    /** Nobody is told: another screen comes up. */
    end,

    /** The language somebody had before the eyes who taps now. */
    languageAt(moment, shown) {
      return moment - turned.at < GRACE ? turned.from : shown;
    },
  };
}
