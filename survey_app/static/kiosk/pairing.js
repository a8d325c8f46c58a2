/** Turns a connection code into this tablet's credential. */

import { make } from "./elements.js";
import { ask } from "./door.js";
import { publicKey } from "./keys.js";
import { keepToken } from "./store.js";

const LENGTH = 8;

/** The code in an address such as /kiosk/#code=ABCDEFGH, taken out of the address bar. */
export function codeFromAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return code === null ? "" : grouped(code);
}

/** Letters and digits only, in two groups of four. */
function grouped(text) {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, "").slice(0, LENGTH);
  return plain.length > 4 ? `${plain.slice(0, 4)}-${plain.slice(4)}` : plain;
}

/** Ask for the credential: {token} once it is kept, else {problem}, the key of what to tell. */
async function pair(code) {
  if (code.length !== LENGTH + 1) return { problem: "pair_incomplete" };
  const request = { code, public_key: await publicKey() };
  const { status, body } = await ask("/kiosk/pair", { method: "POST", body: JSON.stringify(request) });
  if (status === 200 && typeof body.token === "string" && body.token) {
    await keepToken(body.token);
    return { token: body.token };
  }
  const problems = { 0: "pair_offline", 404: "pair_unknown", 410: "pair_unknown", 422: "pair_unknown", 429: "pair_many" };
  return { problem: problems[status] ?? "pair_failed" };
}

/**
 * The pairing screen. `state` ({code, problem}) outlives a change of language; `onPaired()`
 * follows success; a store that fails throws to `onFailure`.
 */
export function drawPairing({ language, state, title, sentences, onPaired, onFailure }) {
  const { say } = language;
  const problem = make("p", { id: "code-problem", class: "problem", role: "alert" });
  const field = make("input", {
    id: "code", name: "code", type: "text", class: "code", value: state.code, maxlength: "12",
    autocomplete: "off", autocorrect: "off", autocapitalize: "characters", spellcheck: "false",
    "aria-describedby": "code-problem",
    oninput: () => {
      // Formatting moves the cursor to the end; leave a correction in the middle alone.
      if (field.selectionStart === field.value.length) field.value = grouped(field.value);
      state.code = grouped(field.value);
      tell("");
    },
  });
  const button = make("button", { type: "submit", class: "way primary" }, say("pair_send"));

  function tell(key) {
    state.problem = key;
    problem.textContent = key ? say(key) : "";
    if (key) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  async function submit(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    state.code = field.value = grouped(field.value);
    tell("");
    button.setAttribute("aria-disabled", "true");
    button.textContent = say("pair_working");
    try {
      const { token, problem: key } = await pair(state.code);
      if (token) return void onPaired();
      tell(key);
      field.focus();
    } catch (error) {
      onFailure(error);
    } finally {
      button.setAttribute("aria-disabled", "false");
      button.textContent = say("pair_send");
    }
  }

  tell(state.problem);
  return [
    make("form", { class: "quiet pairing", novalidate: true, onsubmit: submit },
      make("h1", { id: "question", tabindex: "-1" }, title),
      ...sentences.map((sentence) => make("p", {}, sentence)),
      make("label", { for: "code" }, say("pair_code")),
      field,
      problem,
      button),
  ];
}
