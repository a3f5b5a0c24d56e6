// Incidents, and what can be done about them.

import { el } from "./element.js";
import { state, table } from "./figures.js";
import { tell } from "./source.js";
import { duration, inUnit, moment, spoken } from "./words.js";

const MINUTES = 60;

function stage(incident) {
  if (incident.stage === "resolved") return state("resolved", "good");
  if (incident.silenced_until > Date.now()) return state("silenced", "unknown");
  if (incident.acknowledged_at) return state("acknowledged", "acknowledged");
  return state(incident.stage === "recovering" ? `${incident.severity}, recovering` : incident.severity, incident.severity);
}

// Open incidents with their buttons; `done` is called when something was done.
export function openIncidents({ incidents }, done) {
  if (!incidents.length) return el("p", { class: "note" }, state("No open incident", "good"));
  return el("div", {}, incidents.map((incident) => one(incident, done)));
}

function one(incident, done) {
  const silenced = incident.silenced_until > Date.now();
  const said = el("span", { class: "note", role: "status" });
  const press = (act, words, body = {}) => el("button", {
    type: "button",
    "data-key": `${act} ${incident.number}`,
    "aria-label": `${words}: ${incident.title}`,
    onclick: async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        await tell(`/api/alerts/${incident.number}/${act}`, body);
        await done(`${incident.title}: ${act === "acknowledge" ? "acknowledged" : act === "silence" ? "silenced for an hour" : "told again"}.`);
      } catch (error) {
        said.textContent = error.message;
        button.disabled = false;
      }
    },
  }, words);

  const by = incident.acknowledged_at ? `acknowledged by ${incident.acknowledged_by}` : "";
  const until = silenced ? `silenced until ${moment(incident.silenced_until)}` : "";
  const value = incident.value === null ? "" : inUnit(incident.value, incident.unit);
  return el("article", { class: "incident", "aria-label": `Incident ${incident.number}` },
    el("div", {},
      el("p", { class: "what" }, stage(incident), ` ${incident.title}${value && `: ${value}`}`),
      el("p", { class: "note" }, [`#${incident.number}`, `since ${moment(incident.since)}`, by, until].filter(Boolean).join(" · "), " ", said)),
    el("div", { class: "acts" },
      incident.acknowledged_at ? null : press("acknowledge", "Acknowledge"),
      silenced ? press("unsilence", "End silence") : press("silence", "Silence 1 h", { minutes: MINUTES })));
}

// All incidents as a table.
export function incidentTable({ incidents }) {
  return table("Incidents", [
    ["Incident", (one) => `#${one.number} ${one.title}`],
    ["State", stage],
    ["Opened", (one) => moment(one.opened_at)],
    ["Lasted", (one) => (one.resolved_at ? duration((one.resolved_at - one.opened_at) / 1000) : "goes on"), "n"],
    ["Peak", (one) => inUnit(one.peak, one.unit), "n"],
    ["Acknowledged by", (one) => one.acknowledged_by || "nobody"],
    ["Ended", (one) => spoken(one.reason || (one.resolved_at ? "recovered" : ""))],
  ], incidents, "There was no incident.");
}
