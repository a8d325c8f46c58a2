/** The language spoken now: the page's own words and those of the survey. */

export const NAMES = { az: "Azərbaycanca", ru: "Русский", en: "English" };

export function createLanguage(texts) {
  let current = "az";
  let fallback = "az";

  return {
    get current() { return current; },

    /** The language to return to after every visit. */
    set fallback(language) { fallback = texts[language] ? language : "az"; },

    speak(language) {
      current = texts[language] ? language : fallback;
      document.documentElement.lang = current;
      document.title = texts[current].title;
    },

    reset() { this.speak(fallback); },

    /** One of the page's own words; `{name}` is replaced from `values`. */
    say(key, values = {}) {
      return texts[current][key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    },

    /** A text of the set-up document in the language spoken, or in the nearest one it has. */
    pick(wording) {
      return wording?.[current] || wording?.[fallback] || Object.values(wording ?? {})[0] || "";
    },
  };
}
