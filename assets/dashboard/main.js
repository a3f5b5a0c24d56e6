// Starts the page that the address names: its parts, what can be chosen, and what is live.

import { Choice } from "./choice.js";
import { Live } from "./live.js";
import { el, write } from "./element.js";

const EVERY = 30_000;
const PAGES = {
  "/": "overview", "/performance": "performance", "/personas": "personas", "/users": "users", "/system": "system",
  "/history": "history",
};

function say(words) {
  write(document.getElementById("said"), words);
}

async function start() {
  const path = location.pathname in PAGES ? location.pathname : "/";
  const page = await import(`./${PAGES[path]}.js`);
  document.title = `${page.TITLE} · Greenroom`;
  write(document.querySelector("h1"), page.TITLE);
  document.querySelector(`nav a[href="${path}"]`).setAttribute("aria-current", "page");

  const choice = new Choice(document.getElementById("choice"), page.WINDOW ?? "24h", page.CHOICES ?? ["window"]);
  const live = new Live(document.getElementById("connection"), say);
  let parts = [];
  const refresh = () => Promise.all(parts.map((one) => one.refresh(choice)));
  // What is shown may depend on what is chosen: a persona's page has other parts than all personas have.
  const build = () => {
    parts = page.parts({ choice, live, say });
    document.getElementById("parts").replaceChildren(...parts.map((one) => one.node));
    return refresh();
  };

  try {
    await choice.offer(async () => {
      await (page.BUILDS_ANEW ? build() : refresh());
      say(`Figures of ${choice.form.elements.window.selectedOptions[0].text}.`);
    });
  } catch (error) {
    document.getElementById("parts").replaceChildren(el("p", { class: "wrong" }, error.message));
  }

  const built = build();
  live.listen(noticing(refresh));
  await built;
  document.getElementById("main").removeAttribute("aria-busy");
  setInterval(() => document.hidden || refresh(), EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}

// Asks again at once where an incident opens or ends, or a service changes.
function noticing(refresh) {
  let known = null;
  return ({ data }) => {
    const now = JSON.stringify([data.open_incidents, data.services]);
    if (known !== null && known.now !== now) {
      const fresh = data.open_incidents.filter((number) => !known.open.includes(number));
      if (fresh.length) say(`${fresh.length === 1 ? "An incident is" : `${fresh.length} incidents are`} new.`);
      refresh();
    }

    known = { now, open: data.open_incidents };
  };
}

start();
