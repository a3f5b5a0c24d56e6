// Key figures, states and tables.

import { el } from "./element.js";
import { FEW, NONE, count, share as shareWords } from "./words.js";

const BANDS = { good: "good", warning: "warning", critical: "critical" };
const HEALTH = { healthy: "good", degraded: "warning", unhealthy: "critical" };

// A state said by shape, colour and word.
export function state(word, kind = HEALTH[word] ?? BANDS[word] ?? "unknown") {
  return el("span", { class: `state ${kind}` }, word);
}

export function tile(label, figure, ...beside) {
  const said = beside.flat().filter(Boolean);
  return el("div", { class: "tile" },
    el("dt", {}, label),
    el("dd", { class: `figure${figure === NONE || figure === FEW ? " none" : ""}` }, figure),
    said.map((line) => el("dd", { class: "beside" }, line)));
}

export function tiles(...list) {
  return el("dl", { class: "tiles" }, list.filter(Boolean));
}

// A figure with its yardstick: {value, before, n, band}.
export function figureTile(label, figure, say, change, { n = "", few = NONE } = {}) {
  const moved = change ? change(figure.value, figure.before) : "";
  const band = BANDS[figure.band] && figure.band !== "good" ? state(figure.band) : "";
  const known = figure.value !== null;
  return tile(label, known ? say(figure.value) : few, band, moved, n && figure.n ? `${count(figure.n)} ${n}` : "");
}

// A column: [heading, (row) => cell, "n" for figures]. The first one names the row.
export function table(caption, columns, rows, empty = "There is nothing in this window.") {
  if (!rows.length) return el("p", { class: "note" }, empty);
  const head = columns.map(([heading, , kind]) => el("th", { scope: "col", class: kind ?? null }, heading));
  const body = rows.map((row) => el("tr", {}, columns.map(([, cell, kind], place) =>
    el(place ? "td" : "th", { class: kind ?? null, scope: place ? null : "row" }, cell(row)))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, body)));
}

export function bar(value) {
  return el("progress", { class: "share", max: 1, value: value ?? 0, "aria-label": shareWords(value) });
}

// A persona's name with the mark of its colour, which is the same everywhere.
export function persona(name, slot) {
  return [el("span", { class: slot >= 1 && slot <= 10 ? `dot p${slot}` : "dot", "aria-hidden": "true" }), name];
}
