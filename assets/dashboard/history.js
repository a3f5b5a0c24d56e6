// History: incidents, what they tell, what is to come, use and cost; and everything to take away.

import { chart } from "./chart.js";
import { HOURS } from "./choice.js";
import { el } from "./element.js";
import { bar, figureTile, table, tile, tiles } from "./figures.js";
import { incidentTable } from "./incidents.js";
import { part } from "./parts.js";
import { NONE, count, money, more } from "./words.js";

export const TITLE = "History";
export const WINDOW = "30d";
const FORMATS = { csv: "CSV", json: "JSON", prometheus: "Prometheus text" };

export function parts() {
  return [
    advice(), incidents(), chart("Incidents", "incidents"), chart("Errors", "errors"), use(), chart("Tokens", "tokens"), chart("Cost", "cost"), taking(),
  ];
}

function advice() {
  return part("Worth doing", {
    wide: true,
    path: (choice) => `/api/insights${choice.query("window")}`,
    show: ({ insights }) => (insights.recommendations.length
      ? el("ul", { class: "items" }, insights.recommendations.map((one) => el("li", {},
        el("p", { class: "what" }, plain(one.title)), el("p", { class: "note" }, plain(one.evidence)), el("p", { class: "do" }, plain(one.action)))))
      : el("p", { class: "note" }, "Nothing stands out.")),
  });
}

// Names are marked as code in Discord; here the marks would be noise.
const plain = (text) => text.replaceAll("`", "").replaceAll("**", "");

function incidents() {
  return part("All incidents", { wide: true, path: () => "/api/alerts?state=all&limit=100", show: incidentTable });
}

function use() {
  return part("Use and cost", {
    wide: true,
    path: (choice) => `/api/tokens${choice.query("window")}`,
    show: ({ tokens, cost }) => [
      tiles(
        figureTile("Tokens", tokens.total, count, more),
        figureTile("Cost", cost.total, money, more, { few: NONE }),
        tile("This month so far", money(cost.month.cost), cost.budget ? `of ${money(cost.budget)}` : ""),
        tile("This month, expected", money(cost.forecast?.value), cost.forecast ? `${money(cost.forecast.low)} to ${money(cost.forecast.high)}, 80 % range` : ""),
      ),
      table("Tokens by model", [
        ["Model", (row) => row.name], ["Tokens", (row) => count(row.used.total), "n"], ["Share", (row) => bar(row.share), "bar"],
        ["Cost", (row) => (row.used.local ? "local" : money(row.used.cost)), "n"],
      ], tokens.models, "No tokens were used in this window."),
    ],
  });
}

function taking() {
  return part("Take it away", {
    wide: true,
    show: (choice) => {
      const since = new Date(Date.now() - HOURS[choice.values.window] * 3_600_000).toISOString().replace(/\.\d+/, "");
      return [
        el("p", { class: "note" }, "The figures of this window, as a file."),
        el("p", { class: "acts-row" }, Object.entries(FORMATS).map(([format, words]) =>
          el("a", { class: "button", href: `/api/export?format=${format}&since=${encodeURIComponent(since)}`, download: "" }, words))),
      ];
    },
  });
}
