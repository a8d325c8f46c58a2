/** The page on which the ten letters of a visit ticket are typed or scanned. */

import { drawing, make } from "./elements.js";
import { heading } from "./pieces.js";
import { groupedCode, isSquareCode, plainCode, problemOf, TICKET_LENGTH } from "./ticket-code.js";

const TICKET = "M4 6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4zM14 6v2.5M14 11v2M14 15.5V18";
const CAMERA = "M4 8h3.5L9 5.5h6L16.5 8H20a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 10.2a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6z";

/** The quiet button that leads here; it shows the ticket that was given. */
export function drawTicketButton(visit, { language, send }) {
  const words = !visit.ticket ? language.say("ticket_have")
    : isSquareCode(visit.ticket) ? language.say("ticket_read")
    : language.say("ticket_given", { code: groupedCode(visit.ticket) });
  return make("button", { type: "button", class: "ticket-way", onclick: () => send({ type: "typing" }) },
    drawing(TICKET), make("span", {}, words));
}

/**
 * `scan(onCode)` looks for a ticket with the camera, and is null where there is none. What is
 * typed becomes the visit's ticket only once it is sound.
 */
export function drawTicket(step, visit, { language, send, scan }) {
  const problem = make("p", { id: "ticket-problem", class: "problem", role: "alert" });
  const field = make("input", {
    id: "ticket", type: "text", class: "code", maxlength: "16",
    autocomplete: "off", autocorrect: "off", autocapitalize: "characters", spellcheck: "false",
    "aria-describedby": "ticket-hint ticket-problem",
    oninput: () => {
      // Formatting moves the cursor to the end; leave a correction in the middle alone.
      if (field.selectionStart === field.value.length) field.value = groupedCode(field.value);
      const code = plainCode(field.value);
      tell(code.length >= TICKET_LENGTH ? problemOf(code) : null);
      send({ type: "letters", text: code, quiet: true });
    },
  });
  field.value = isSquareCode(visit.letters) ? "" : groupedCode(visit.letters);

  function tell(key) {
    problem.textContent = key ? language.say(key) : "";
    if (key) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function use(event) {
    event.preventDefault();
    const code = plainCode(field.value);
    // An emptied field takes the ticket back.
    if (code === "" && visit.ticket) return void send({ type: "ticket", code: null });
    const key = problemOf(code);
    tell(key);
    if (key) field.focus();
    else send({ type: "ticket", code });
  }

  const camera = scan && make("button", { type: "button", class: "way", onclick: () => scan((code) => send({ type: "ticket", code })) },
    drawing(CAMERA), make("span", {}, language.say("ticket_scan")));
  return [
    heading(language.say("ticket_title")),
    make("form", { class: "answers ticket", novalidate: true, onsubmit: use },
      make("label", { for: "ticket", id: "ticket-hint" }, language.say("ticket_hint")),
      field,
      problem,
      make("div", { class: "row" },
        make("button", { type: "submit", class: "way primary" }, language.say("ticket_use")),
        camera)),
  ];
}
