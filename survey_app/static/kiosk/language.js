/** The language spoken now: the page's own words and those of the survey. */

export const NAMES = { az: "Azərbaycanca", ru: "Русский", en: "English" };

export function createLanguage(texts) {
  let current = "az";
  let fallback = "az";

  /** One of the page's own words; `{name}` is replaced from `values`. */
  const sayIn = (language, key, values = {}) =>
    texts[language][key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  /** A text of the set-up document in this language, or in the nearest one it has. */
  const wordingIn = (language, wording) =>
    wording?.[language] || wording?.[fallback] || Object.values(wording ?? {})[0] || "";

  return {
    get current() { return current; },

    /** All languages, the one to return to first. */
    get order() { return [fallback, ...Object.keys(NAMES).filter((code) => code !== fallback)]; },

    /** The language to return to after every visit. */
    set fallback(language) { fallback = texts[language] ? language : "az"; },

    speak(language) {
      current = texts[language] ? language : fallback;
      document.documentElement.lang = current;
      document.title = texts[current].title;
    },

    say: (key, values) => sayIn(current, key, values),
    sayIn,
    pick: (wording) => wordingIn(current, wording),
    wordingIn,
  };
}
