/** The three aids at the bottom left: larger text, high contrast, controls brought lower. */

import { drawing, make } from "./elements.js";

const AIDS = {
  larger: "M3 19 8 6l5 13M4.8 14.5h6.4M18 8v8M14 12h8",
  contrast: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18M12 6.5h5.5M12 10h8M12 14h8M12 17.5h5.5",
  lower: "M12 3v11M7 9.5l5 5 5-5M5 20h14",
};

/** `onChange()` follows every change made by a visitor. */
export function createAccessBar({ place, root, onChange }) {
  const buttons = Object.fromEntries(Object.entries(AIDS).map(([aid, path]) => [
    aid,
    make("button", { type: "button", class: "aid", "data-aid": aid, "aria-pressed": "false", onclick: () => toggle(aid) },
      drawing(path), make("span")),
  ]));
  place.replaceChildren(...Object.values(buttons));

  function set(aid, on) {
    buttons[aid].setAttribute("aria-pressed", String(on));
    root.classList.toggle(aid, on);
  }

  function toggle(aid) {
    set(aid, !root.classList.contains(aid));
    onChange();
  }

  return {
    /** Whether any aid is in use: such visitors get more time. */
    get used() { return Object.keys(AIDS).some((aid) => root.classList.contains(aid)); },
    reset() { Object.keys(AIDS).forEach((aid) => set(aid, false)); },
    label(say) {
      place.setAttribute("aria-label", say("aids"));
      for (const [aid, button] of Object.entries(buttons)) button.lastChild.textContent = say(aid);
    },
  };
}
