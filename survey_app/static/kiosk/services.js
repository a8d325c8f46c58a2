/** The step that asks what somebody came for: areas, the services of one, or a search in all. */

import { drawing, make } from "./elements.js";
import { findServices } from "./flow.js";
import { choice, group, page } from "./pieces.js";

const MAGNIFIER = "M16 16l5 5M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z";
const LONGEST_LIST = 40;

export function drawService(step, visit, { language, send }) {
  const { areas } = visit.setup;
  const serviceChoice = (service) => choice(language.pick(service.name), {
    pressed: visit.service === service.code,
    onclick: () => send({ type: "service", service: service.code }),
  });
  const area = areas.find(({ code }) => code === visit.area);
  if (area) {
    return page(language.pick(area.name), group("choices list", area.services.map(serviceChoice)));
  }
  const areaChoices = () => areas.filter(({ services }) => services.length > 0).map(({ code, name, services }) =>
    choice(language.pick(name), {
      pressed: services.some((service) => service.code === visit.service),
      onclick: () => send({ type: "area", area: code }),
    }));
  const list = group("choices list", areaChoices());
  const nothing = make("p", { class: "hint", role: "status" });
  const search = make("input", {
    type: "text", inputmode: "search", enterkeyhint: "search", maxlength: "60",
    autocomplete: "off", autocorrect: "off", autocapitalize: "off", spellcheck: "false",
    "aria-label": language.say("service_search"), placeholder: language.say("service_search"),
    oninput: (event) => {
      const query = event.currentTarget.value.trim();
      const found = query.length < 2 ? null : findServices(areas, query);
      list.replaceChildren(...(found ? found.slice(0, LONGEST_LIST).map(serviceChoice) : areaChoices()));
      nothing.textContent = found?.length === 0 ? language.say("service_none") : "";
    },
  });
  return page(language.say("service_question"),
    make("div", { class: "search" }, drawing(MAGNIFIER), search), nothing, list);
}
