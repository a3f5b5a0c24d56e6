// Charts: drawn by the server as in Discord, or moving where the library of moving charts is installed.

import { el } from "./element.js";
import { part } from "./parts.js";
import { table } from "./figures.js";
import { COURSES } from "./courses.js";
import { ask } from "./source.js";
import { moment } from "./words.js";

const LIBRARY = document.documentElement.dataset.library;

// A chart by its kind; `names`: what of the choice it depends on.
export function chart(heading, kind, { names = ["window"], wide = false, asDrawn = false } = {}) {
  const course = asDrawn ? null : COURSES[kind];
  if (!course) return drawn(heading, kind, names, wide);
  return part(heading, {
    wide,
    path: (choice) => course.path(choice.query(...names)),
    show: async (value, choice) => {
      const lines = course.lines(value);
      // Where there is nothing to be moved, the drawn one says in words why.
      const some = lines.of.some((line) => !line.hidden && line.values.some(Boolean));
      const picture = LIBRARY && some ? await moving(heading, lines) : await picturing(kind, choice, names);
      return [picture, behind(heading, lines)];
    },
  });
}

function drawn(heading, kind, names, wide) {
  return part(heading, {
    wide,
    path: (choice) => `/charts/${kind}.json${choice.query(...names, "theme")}`,
    show: (words, choice) => [image(kind, words, choice, names), described(words)],
  });
}

async function picturing(kind, choice, names) {
  const words = await ask(`/charts/${kind}.json${choice.query(...names, "theme")}`);
  return image(kind, words, choice, names);
}

function image(kind, words, choice, names) {
  const query = choice.query(...names, "theme");
  const source = `/charts/${kind}.png${query}&tag=${words.tag}`;
  return el("figure", {}, el("img", { src: source, alt: words.alt, width: words.width, height: words.height, loading: "lazy" }));
}

function described(words) {
  return el("details", {}, el("summary", {}, "In words"), el("p", { class: "note" }, words.alt));
}

// The table behind a chart, made when it is opened: there can be many rows.
function behind(heading, lines) {
  const holder = el("div");
  const details = el("details", { ontoggle: fill }, el("summary", {}, "As a table"), holder);
  function fill() {
    if (!details.open || holder.hasChildNodes()) return;
    const rows = lines.at.map((at, place) => ({ at, place })).reverse();
    const columns = lines.of.map((line) => [line.name, ({ place }) => line.say(line.values[place]), "n"]);
    holder.append(table(heading, [["From", ({ at }) => moment(at)], ...columns], rows));
  }
  return details;
}

async function moving(heading, lines) {
  const figure = el("figure", {});
  const ground = el("div", { class: "moving", role: "img", "aria-label": `${heading}, the table below has its figures` });
  figure.append(ground);
  const { draw } = await import("./moving.js");
  await draw(ground, lines, LIBRARY);
  return figure;
}
