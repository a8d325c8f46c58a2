/** The aids at the bottom left: larger text, high contrast, controls brought lower, read aloud. */

import { drawing, make } from "./elements.js";

const AIDS = {
  larger: "M3 19 8 6l5 13M4.8 14.5h6.4M18 8v8M14 12h8",
  contrast: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18M12 6.5h5.5M12 10h8M12 14h8M12 17.5h5.5",
  lower: "M12 3v11M7 9.5l5 5 5-5M5 20h14",
  listen: "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
};
const LOOKS = ["larger", "contrast", "lower"];

/** `onChange()` follows every change made by a visitor, `onListen()` the button to read aloud. */
export function createAccessBar({ place, root, onChange, onListen }) {
  const buttons = Object.fromEntries(Object.entries(AIDS).map(([aid, path]) => [
    aid,
    make("button", { type: "button", class: "aid", "data-aid": aid, "aria-pressed": "false", onclick: () => take(aid) },
      drawing(path), make("span")),
  ]));
  place.replaceChildren(...Object.values(buttons));
  let listened = false;

  function set(aid, on) {
    buttons[aid].setAttribute("aria-pressed", String(on));
    root.classList.toggle(aid, on);
  }

  function take(aid) {
    if (aid === "listen") {
      listened = true;
      onListen();
    } else {
      set(aid, !root.classList.contains(aid));
    }
    onChange();
  }

  return {
    /** Whether any aid was asked for: such visitors get more time. */
    get used() { return listened || LOOKS.some((aid) => root.classList.contains(aid)); },
    reset() {
      listened = false;
      LOOKS.forEach((aid) => set(aid, false));
    },
    /** Whether the screen is being read aloud, and whether it can be. */
    hear({ speaking, able }) {
      buttons.listen.setAttribute("aria-pressed", String(speaking));
      buttons.listen.hidden = !able;
    },
    label(say) {
      place.setAttribute("aria-label", say("aids"));
      for (const [aid, button] of Object.entries(buttons)) button.lastChild.textContent = say(aid);
    },
  };
}
