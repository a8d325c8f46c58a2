/** What staff see and do at the tablet itself: a PIN, the tablet's state, and a few ways to help it. */

import { diagnose, timeOf } from "./diagnosis.js";
import { make } from "./elements.js";
import { onHold } from "./hold.js";
import { NAMES } from "./language.js";
import { triesLeft, tryPin } from "./pin.js";
import { counts, recall, remember } from "./store.js";

// Left open, it would lie in front of the next citizen.
const CLOSES_AFTER = 60_000;
const REFRESH = 2_000;
const LONGEST_PIN = 8;

/**
 * `corner` is the button to hold. `tablet` gives what the menu is about and may do: `setup`,
 * `heardAt`, `version`; `isReachable()`, `onLanguage()`, `send()`, `again()`, `update()` (tells "asked",
 * "failed" or "none"), `unpair()` (tells whether the server heard of it), `onOpen()` and `onClose()`.
 */
export function createStaffMenu({ corner, language, tablet }) {
  const { say } = language;
  const dialog = make("dialog", { class: "staff", "aria-labelledby": "staff-title" });
  document.body.append(dialog);
  let closing = 0;
  let refreshing = 0;

  onHold(corner, () => { if (tablet.isReachable()) open(); });
  dialog.addEventListener("close", () => {
    clearTimeout(closing);
    clearInterval(refreshing);
    dialog.replaceChildren();
    tablet.onClose();
  });
  for (const kind of ["pointerdown", "keydown", "input"]) dialog.addEventListener(kind, stayOpen);

  function stayOpen() {
    clearTimeout(closing);
    closing = setTimeout(() => dialog.close(), CLOSES_AFTER);
  }

  function open() {
    if (dialog.open) return;
    tablet.onOpen();
    dialog.showModal();
    stayOpen();
    if (!tablet.setup?.staff_pin) return void put([make("p", {}, say("staff_pin_none"))]);
    askPin();
  }

  function put(parts) {
    clearInterval(refreshing);
    dialog.replaceChildren(
      make("header", {},
        make("h2", { id: "staff-title", tabindex: "-1" }, say("staff_title")),
        make("button", { type: "button", class: "way", onclick: () => dialog.close() }, say("staff_close"))),
      ...parts,
    );
    dialog.querySelector("h2").focus();
  }

  // --- The PIN ---

  function askPin() {
    const problem = make("p", { id: "pin-problem", class: "problem", role: "alert" });
    const field = make("input", {
      id: "pin", type: "password", inputmode: "none", class: "code", maxlength: LONGEST_PIN,
      autocomplete: "off", "aria-describedby": "pin-problem",
    });
    const digit = (number) => make("button", {
      type: "button", onclick: () => { field.value = (field.value + number).slice(0, LONGEST_PIN); },
    }, String(number));
    const form = make("form", { class: "pad", novalidate: true },
      make("label", { for: "pin" }, say("staff_pin")),
      field,
      problem,
      make("div", { class: "digits" },
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
        make("button", { type: "button", "aria-label": say("staff_delete"), onclick: () => { field.value = field.value.slice(0, -1); } }, "←"),
        digit(0),
        make("span", {}),
        make("button", { type: "submit", class: "primary" }, say("staff_open"))));

    function tell({ left, until }) {
      problem.textContent = until === null
        ? say("staff_pin_wrong", { count: left })
        : say("staff_pin_locked", { time: timeOf(until) });
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const pin = field.value;
      field.value = "";
      if (pin === "") return;
      const result = await tryPin(pin, tablet.setup.staff_pin).catch(() => null);
      if (!dialog.open) return;
      if (result?.right) showMenu();
      else if (result) tell(result);
      else problem.textContent = say("storage_staff");
    });
    put([form]);
    triesLeft().then((state) => { if (state.until !== null) tell(state); }, () => {});
    field.focus();
  }

  // --- The menu ---

  async function showMenu() {
    const lines = make("dl", { class: "state" });
    const news = make("p", { class: "news", role: "status" });
    const tell = (key, values) => { news.textContent = say(key, values); };
    const own = await recall("language").catch(() => undefined);
    if (!dialog.open) return;
    const choice = make("select", { id: "own-language", onchange: (event) => chooseLanguage(event.currentTarget.value) },
      make("option", { value: "" }, say("staff_language_center")),
      ...Object.entries(NAMES).map(([code, name]) => make("option", { value: code, lang: code, selected: code === own }, name)));
    const act = (key, onclick) => make("button", { type: "button", class: "way", onclick }, say(key));

    const again = act("staff_again", () => tablet.again().then(() => tell("staff_sending"), () => tell("storage_staff")));
    again.hidden = true;

    async function refresh() {
      const found = await diagnose({ language, ...factsOf(tablet) }).catch(() => null);
      again.hidden = await counts().then(({ refused }) => refused === 0, () => true);
      if (found) lines.replaceChildren(...found.flatMap(({ name, value }) => [make("dt", {}, name), make("dd", {}, value)]));
    }

    put([
      lines,
      make("div", { class: "own-language" }, make("label", { for: "own-language" }, say("staff_language")), choice),
      news,
      make("div", { class: "acts" },
        act("staff_send", () => {
          tablet.send();
          tell("staff_sending");
        }),
        again,
        act("staff_update", async () => {
          tell("staff_update_asking");
          tell((await tablet.update()) === "asked" ? "staff_update_asked" : "staff_update_failed");
        }),
        act("staff_unpair", confirmUnpairing)),
    ]);
    refreshing = setInterval(refresh, REFRESH);
    refresh();
  }

  function chooseLanguage(code) {
    remember("language", code || undefined).then(tablet.onLanguage).catch(() => {});
  }

  /** What is not sent goes out only after another pairing, and what was refused is gone. */
  async function confirmUnpairing() {
    const { waiting, refused } = await counts().catch(() => ({ waiting: 0, refused: 0 }));
    if (!dialog.open) return;
    put([
      make("p", {}, waiting > 0 ? say("staff_unpair_kept", { count: waiting }) : say("staff_unpair_help")),
      ...(refused > 0 ? [make("p", {}, say("staff_unpair_refused", { count: refused }))] : []),
      make("div", { class: "acts" },
        make("button", { type: "button", class: "way", onclick: showMenu }, say("back")),
        make("button", { type: "button", class: "way", onclick: unpair }, say(waiting + refused > 0 ? "staff_unpair_anyway" : "staff_unpair"))),
    ]);
  }

  async function unpair(event) {
    event.currentTarget.disabled = true;
    const words = await tablet.unpair().then((heard) => (heard ? "staff_unpaired" : "staff_unpaired_here"), () => "storage_staff");
    if (dialog.open) put([make("p", { role: "status" }, say(words))]);
  }

  return {
    get isOpen() { return dialog.open; },
    label() { corner.setAttribute("aria-label", say("staff_corner")); },
  };
}

const factsOf = ({ setup, version, heardAt }) => ({ setup, version, heardAt });
