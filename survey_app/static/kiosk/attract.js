/**
 * While nobody is there the question turns from one language to the next, before the eyes alone:
 * the page's language, and with it what assistive technology is told, stays the first one. It
 * stops at the first sign of a person, and a tap just after a turn belongs to the language that
 * was read before it.
 */

const EVERY = 7_000;
const GRACE = 700;
const FADE = 150;

/**
 * `turn(code)` shows the question in another language; `moving()` says whether movement is
 * wanted; `screen` fades around the turn; `onStop(code)` hears of the first sign of a person, and
 * in which language they met the question.
 */
export function createAttract({ screen, turn, moving, onStop }) {
  let order = [];
  let first = null;
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

  /** Somebody is there: what is shown stays; who is told of it by ear was told in the first one. */
  function stop({ byEar = false } = {}) {
    if (!running) return;
    end();
    // Whoever hears the question has not seen it turn.
    if (byEar) turned = { at: -Infinity, from: null };
    onStop(byEar ? first : order[0]);
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

    /** The language in which the question was shown last. */
    get shown() { return order[0]; },

    /** Begin with the first of `languages`, which is shown already. */
    start(languages) {
      clearTimeout(timer);
      order = languages;
      [first] = languages;
      turned = { at: -Infinity, from: null };
      running = true;
      if (!moving()) return;
      screen.classList.add("attracting");
      timer = setTimeout(next, EVERY);
    },

    stop,

    /** Nobody is told: another screen comes up. */
    end,

    /** The language somebody had before the eyes who taps now; `spoken` once it stopped turning. */
    languageAt(moment, spoken) {
      if (moment - turned.at < GRACE) return turned.from;
      return running ? order[0] : spoken;
    },
  };
}
