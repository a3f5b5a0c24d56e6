// What is shown: window, persona and service, kept in the address so that a view can be bookmarked and sent on.

import { el } from "./element.js";
import { ask } from "./source.js";
import { useZone } from "./words.js";

export const HOURS = { "1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720, "90d": 2160 };
const NAMES = ["window", "persona", "service"];
const dark = matchMedia("(prefers-color-scheme: dark)");

export class Choice {
  constructor(form, usual, shown) {
    this.form = form;
    this.usual = usual;
    for (const name of NAMES) form.elements[name].closest("label").hidden = !shown.includes(name);
    const told = new URLSearchParams(location.search);
    this.values = Object.fromEntries(NAMES.map((name) => [name, shown.includes(name) ? told.get(name) ?? "" : ""]));
    this.values.window ||= usual;
  }

  // Fills the menus; calls `changed` when something else is chosen, or the system turns light or dark.
  async offer(changed) {
    const found = await ask("/dashboard/choices.json?window=30d");
    useZone(found.zone);
    document.querySelector(".leave").hidden = !found.session;
    this.#fill("window", Object.entries(found.windows));
    this.#fill("persona", [["", "all"], ...found.personas.map((name) => [name, name])]);
    this.#fill("service", [["", "all"], ...found.services.map((name) => [name, name])]);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", (event) => {
      this.values[event.target.name] = event.target.value;
      this.#keep();
      changed();
    });
    dark.addEventListener("change", changed);
    this.#keep();
  }

  // The query of a question that takes these.
  query(...names) {
    const asked = new URLSearchParams();
    for (const name of names) {
      const value = name === "theme" ? (dark.matches ? "dark" : "light") : this.values[name];
      if (value) asked.set(name, value);
    }
    return `?${asked}`;
  }

  #fill(name, options) {
    const menu = this.form.elements[name];
    menu.replaceChildren(...options.map(([value, words]) => el("option", { value }, words)));
    menu.value = this.values[name];
    if (menu.selectedIndex < 0) {
      menu.selectedIndex = 0;
      this.values[name] = name === "window" ? this.usual : "";
      menu.value = this.values[name];
    }
  }

  // In the address; other pages get the window along.
  #keep() {
    const told = new URLSearchParams(Object.entries(this.values).filter(([, value]) => value));
    history.replaceState(null, "", `${location.pathname}?${told}`);
    for (const link of document.querySelectorAll("nav a")) {
      const path = new URL(link.href).pathname;
      link.href = this.values.window === this.usual ? path : `${path}?window=${this.values.window}`;
    }
  }
}
