/** The line that empties before a visit is sent as it stands, with the button that refills it. */

import { make } from "./elements.js";

/** `onMore()` follows the button; `announce(text)` tells those who do not see the line. */
export function createCountdown({ place, stillness, onMore, announce }) {
  const line = make("i");
  const words = make("span");
  const button = make("button", { type: "button", class: "more", onclick: onMore }, words, line);
  place.replaceChildren(button);
  let said = "";

  return {
    show(milliseconds) {
      place.hidden = false;
      announce(said.replace("{count}", String(Math.round(milliseconds / 1000))));
      line.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }],
        { duration: milliseconds, easing: stillness.matches ? "steps(5, end)" : "linear", fill: "forwards" });
    },
    hide() {
      // A focus left on a hidden button would be lost; the question has it back.
      if (place.contains(document.activeElement)) document.querySelector("h1")?.focus({ preventScroll: true });
      place.hidden = true;
      for (const animation of line.getAnimations()) animation.cancel();
    },
    label(say) {
      words.textContent = say("more_time");
      said = say("more_time_said");
    },
  };
}
