/** The three languages at the top right, each by its own name. */

import { make } from "./elements.js";
import { NAMES } from "./language.js";

/** `onChoose(code)` follows a touch. */
export function createLanguageBar({ place, onChoose }) {
  const buttons = Object.entries(NAMES).map(([code, name]) => make("button", {
    type: "button", lang: code, "data-language": code, onclick: () => onChoose(code),
  }, name));
  place.replaceChildren(...buttons);

  return {
    label(language) {
      place.setAttribute("aria-label", language.say("languages"));
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.language === language.current));
      }
    },
  };
}
