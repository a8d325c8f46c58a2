/** Puts up one screen at a time: moves the focus to it, and lets no second touch fall through. */

const SETTLING = 350;
const RISE = { duration: 150, easing: "ease-out" };
const FLIGHT = { duration: 200, easing: "ease-out" };

/** `parts` are the places of the page: root, screen, steps, chosen, said. */
export function createStage({ parts, stillness, onShow }) {
  const { root, screen, steps, chosen, said } = parts;
  let drawn = null;
  let settling = 0;
  let touchable = 0;

  function drawWays() {
    steps.replaceChildren(...drawn.ways());
    steps.hidden = steps.childElementCount === 0;
  }

  /** Draw the screen again, as when the language has changed. */
  function redraw() {
    if (!drawn) return;
    screen.replaceChildren(...drawn.draw());
    drawWays();
    chosen.replaceChildren(...drawn.face());
  }

  /** For a moment the new screen takes no touch: a trembling finger taps twice. */
  function settle() {
    root.classList.add("settling");
    touchable = performance.now() + SETTLING;
    clearTimeout(settling);
    settling = setTimeout(() => root.classList.remove("settling"), SETTLING);
  }

  /** The chosen face comes from where it was touched, as large as it was there; nothing waits for it. */
  function flyIn(from) {
    const face = chosen.querySelector("img");
    const { x, y, width, height } = face.getBoundingClientRect();
    const there = `translate(${from.x - x - width / 2}px, ${from.y - y - height / 2}px) scale(2.25)`;
    face.animate([{ transform: there }, { transform: "none" }], FLIGHT);
  }

  return {
    redraw,
    drawWays,

    /** Since when, on performance.now()'s clock, the screen has taken touches. */
    get touchable() { return touchable; },

    /**
     * Put a screen up. `draw()` gives its parts; `name` becomes a class for its looks; `from` is
     * where the face was touched that stays in sight.
     */
    show(name, draw, { ways = () => [], face = () => [], focus = true, rise = true, from = null } = {}) {
      onShow();
      drawn = { draw, ways, face };
      root.dataset.screen = name;
      said.textContent = "";
      redraw();
      // Only now: what goes away need not be styled once more.
      settle();
      // From here on the page is laid out, once: what is asked of it now changes nothing more.
      screen.scrollTop = 0;
      scrollTo(0, 0);
      if (from) flyIn(from);
      if (rise && !stillness.matches) {
        screen.animate([{ transform: "translateY(24px)", opacity: 0 }, { transform: "none", opacity: 1 }], RISE);
      }
      if (focus) (screen.querySelector("h1") ?? screen).focus({ preventScroll: true });
    },

    /** Say something to those who do not see the screen; politely, and once. */
    announce(text) { said.textContent = text; },

    /** What is read aloud: the question, what is said about it, and every answer. */
    words() {
      return Array.from(screen.querySelectorAll("h1, h2, p, label, button, input, textarea"))
        .filter((each) => each.checkVisibility?.({ visibilityProperty: true }) ?? true)
        .map((each) => (each.placeholder || each.innerText || "").trim())
        .filter(Boolean);
    },
  };
}
