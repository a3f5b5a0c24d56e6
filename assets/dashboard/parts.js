// The parts of a page: each asks its own question, shows the answer, and asks again from time to time.

import { el } from "./element.js";
import { ask } from "./source.js";

// path: what is asked, given the choice; show: nodes from the answer. Without path it is shown from the choice alone.
export function part(heading, { path, show, wide = false, plain = false, note = "" }) {
  const body = el("div", { class: "body" });
  const title = el("h2", { class: plain ? "unseen" : null }, heading);
  const node = el("section", { class: [wide && "wide", plain && "plain"].filter(Boolean).join(" ") },
    el("div", { class: "heading" }, title, note && el("p", {}, note)), body);
  node.setAttribute("aria-label", heading);

  async function refresh(choice) {
    if (!show) return;
    if (!path) {
      put(body, show(choice));
      return;
    }

    const asked = path(choice);
    node.setAttribute("aria-busy", String(!body.hasChildNodes()));
    try {
      const value = await ask(asked);
      if (path(choice) === asked) put(body, await show(value, choice));
    } catch (error) {
      put(body, el("p", { class: "wrong" }, error.message));
    } finally {
      node.removeAttribute("aria-busy");
    }
  }

  return { node, body, refresh };
}

// Shows the nodes; what is open, scrolled or focused stays so where it still is there.
function put(body, nodes) {
  const open = [...body.querySelectorAll("details")].map((one) => one.open);
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const scrolled = [...body.querySelectorAll(".scroll")].map((one) => [one.scrollLeft, one.scrollTop]);
  body.replaceChildren(...[nodes].flat(9).filter(Boolean));
  body.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? false));
  body.querySelectorAll(".scroll").forEach((one, place) => scrolled[place] && one.scrollTo(...scrolled[place]));
  if (focused) body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}
