// Personas side by side, and everything about one.

import { chart } from "./chart.js";
import { el } from "./element.js";
import { bar, figureTile, persona, table, tile, tiles } from "./figures.js";
import { part } from "./parts.js";
import { FEW, NONE, count, more, pace, points, score, seconds, share, slower, spoken } from "./words.js";

export const TITLE = "Personas";
export const CHOICES = ["window", "persona"];
export const BUILDS_ANEW = true;

export function parts({ choice }) {
  const name = choice.values.persona;
  return name ? [figures(name), chart(name, "persona", { names: ["window", "persona"] }), character(name)]
    : [all(), chart("Relationships", "relationships"), chart("Affinity", "relationships_matrix"), chart("Banter", "banter"), banter()];
}

function all() {
  return part("All personas", {
    wide: true,
    path: (choice) => `/api/personas${choice.query("window")}`,
    show: (value) => table("All personas", [
      ["Persona", (row) => persona(row.name, row.slot)], ["Messages", (row) => count(row.messages), "n"],
      ["Share", (row) => bar(row.share), "bar"], ["Users", (row) => count(row.users), "n"],
      ["Mean response", (row) => seconds(row.response.mean), "n"],
      ["P95", (row) => (row.response.p95 === null ? FEW : seconds(row.response.p95)), "n"],
      ["Failed", (row) => share(row.response.rate), "n"], ["Satisfaction", (row) => score(row.satisfaction, 5), "n"],
      ["Votes", (row) => count(row.votes), "n"],
    ], value.rows, "No persona spoke in this window."),
  });
}

function banter() {
  return part("Exchanges between personas", {
    path: (choice) => `/api/banter${choice.query("window")}`,
    show: ({ banter: value }) => [
      tiles(
        figureTile("Exchanges", value.exchanges, count, more),
        figureTile("Joined by a user", value.joined, share, (a, b) => points(a, b, "more", "fewer")),
        tile("Turns, mean", value.mean_turns === null ? NONE : value.mean_turns.toFixed(1)),
      ),
      table("Who starts", [
        ["Starts", (row) => persona(row.name, row.slot)], ["Exchanges", (row) => count(row.count), "n"], ["Share", (row) => bar(row.share)],
      ], value.starters, "There was no exchange."),
    ],
  });
}

const path = (name) => (choice) => `/api/personas/${encodeURIComponent(name)}${choice.query("window")}`;

function figures(name) {
  return part(name, {
    wide: true,
    path: path(name),
    show: (value) => tiles(
      figureTile("Messages", value.messages, count, more),
      figureTile("Share of all", value.share, share, (a, b) => points(a, b, "more", "less")),
      figureTile("Mean response", { value: value.response.mean, before: value.response_before.mean, n: value.response.n }, seconds, slower, { n: "responses" }),
      figureTile("P95 response", { value: value.response.p95, before: value.response_before.p95 }, seconds, slower),
      figureTile("Users", value.users, count, more),
      figureTile("Unanswered", value.unanswered, share, points),
      tile("Sentiment", value.sentiment === null ? NONE : value.sentiment.toFixed(2).replace("-", "−")),
      tile("Satisfaction", score(value.satisfaction, 5), value.votes ? `${count(value.votes)} votes` : ""),
      tile("Tokens", count(value.tokens), value.tokens_per_day === null ? "" : `${pace(value.tokens_per_day)} a day`),
    ),
  });
}

function character(name) {
  return part("Character", {
    path: path(name),
    show: (value) => [
      table("Bonds", [
        ["With", (row) => persona(row.other, row.slot)], ["Affinity", (row) => row.affinity.toFixed(0), "n"],
        ["Stage", (row) => spoken(row.stage)],
      ], value.bonds, "No relationship is known."),
      value.topics.length ? el("p", {}, `Topics: ${value.topics.map((topic) => topic.name ?? topic[0]).join(", ")}`) : null,
      value.evolution ? table("Traits", [
        ["Trait", (row) => spoken(row.name)], ["Strength", (row) => bar(row.strength)],
      ], value.evolution.traits, "No trait was told.") : null,
    ],
  });
}
