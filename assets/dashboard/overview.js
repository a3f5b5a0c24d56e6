// Overview: what goes on now, what is broken, and how the window went.

import { el, write } from "./element.js";
import { chart } from "./chart.js";
import { HOURS } from "./choice.js";
import { figureTile, persona, state, table, tile, tiles } from "./figures.js";
import { openIncidents } from "./incidents.js";
import { part } from "./parts.js";
import { Spark } from "./spark.js";
import { NONE, count, duration, milliseconds, money, more, pace, points, seconds, share, slower } from "./words.js";

export const TITLE = "Overview";
const STEP = 30_000;
const LAST = "last 5 min";

export function parts({ live, say }) {
  const incidents = part("Incidents", {
    wide: true,
    path: () => "/api/alerts?state=open",
    show: (value, choice) => openIncidents(value, async (words) => {
      await incidents.refresh(choice);
      say(words);
    }),
  });
  return [
    now(live), incidents, course(live), figures(),
    chart("How it went", "overview"), chart("Why", "why"), chart("Response times", "response_times"), personas(live),
  ];
}

// The live figures: written into the same nodes every second.
function now(live) {
  const one = part("Now", { wide: true, plain: true });
  const shown = {
    users: tile("People", NONE, LAST), messages: tile("Messages a minute", NONE, LAST),
    time: tile("Mean response", NONE, LAST), errors: tile("Error rate", NONE, LAST), services: tile("Services", NONE),
  };
  one.body.append(tiles(...Object.values(shown)));
  const put = (name, words) => {
    const figure = shown[name].querySelector(".figure");
    write(figure, words);
    figure.classList.toggle("none", words === NONE);
  };
  live.listen(({ data }) => {
    put("users", count(data.active_users));
    put("messages", pace(data.messages_per_minute));
    put("time", milliseconds(data.avg_response_time_ms));
    put("errors", share(data.error_rate));
    const health = Object.values(data.services ?? {});
    const bad = Object.entries(data.services ?? {}).filter(([, one]) => one === "unhealthy" || one === "degraded");
    const worst = bad.some(([, one]) => one === "unhealthy") ? "unhealthy" : bad.length ? "degraded" : health.length ? "healthy" : "unknown";
    const words = bad.length ? bad.map(([name]) => name).join(", ") : health.length ? `all ${health.length}` : "";
    const figure = shown.services.querySelector(".figure");
    if (figure.dataset.said !== `${worst} ${words}`) {
      figure.dataset.said = `${worst} ${words}`;
      figure.classList.remove("none");
      figure.replaceChildren(state(worst));
      shown.services.querySelector(".beside")?.remove();
      shown.services.append(el("dd", { class: "beside" }, words));
    }
  });
  return one;
}

// The last minutes: as they were when the page came, and on from there.
function course(live) {
  const one = part("The last 25 minutes", { wide: true, note: "each point tells of 5 minutes" });
  const messages = new Spark("Messages a minute", pace);
  const times = new Spark("Mean response", milliseconds);
  const errors = new Spark("Error rate", share);
  one.body.append(el("div", { class: "lines" }, messages.node, times.node, errors.node));
  let known = null;
  live.listen(({ type, timestamp, data, course: told }) => {
    if (type === "snapshot") known = told;
    if (!known) return;
    const steps = Math.floor((Date.parse(timestamp) - known.from_at) / STEP) - known.messages_per_minute.length + 1;
    for (let i = 0; i < steps; i += 1) {
      for (const [line, value] of [
        ["messages_per_minute", data.messages_per_minute], ["avg_response_time_ms", data.avg_response_time_ms],
        ["error_rate", data.error_rate],
      ]) {
        known[line].push(value);
        known[line].shift();
      }
      known.from_at += STEP;
    }
    messages.show(known.messages_per_minute);
    times.show(known.avg_response_time_ms);
    errors.show(known.error_rate);
  });
  return one;
}

function figures() {
  return part("Figures of the window", {
    wide: true,
    path: (choice) => `/api/metrics/historical?hours=${HOURS[choice.values.window]}`,
    show: (value) => tiles(
      figureTile("Messages", value.messages, count, more, { few: "0" }),
      figureTile("P95 response", value.p95, seconds, slower, { n: "responses" }),
      figureTile("Error rate", value.errors, share, points, { n: "responses" }),
      figureTile("Users", value.users, count, more),
      figureTile("Exchanges", value.exchanges, count, more),
      figureTile("Unanswered", value.unanswered, share, points),
      figureTile("Tokens", value.tokens, count, more),
      figureTile("Cost", value.cost, money, more, { few: NONE }),
      tile("Up for", duration(value.uptime)),
    ),
  });
}

const silent = (names) => Object.fromEntries(names.map((name) => [name, { messages: 0, sentiment: null }]));
const byMessages = (spoken) => Object.entries(spoken).sort(([, one], [, other]) => other.messages - one.messages);

function personas(live) {
  const one = part("Personas, last 5 min", {
    path: () => "/api/personas?window=30d",
    show: (value) => {
      slots = Object.fromEntries(value.rows.map((row) => [row.name, row.slot]));
      return show(last);
    },
  });
  let slots = {};
  let last = {};
  const show = (spoken) => table("Personas, last 5 min", [
    ["Persona", ([name]) => persona(name, slots[name])],
    ["Messages", ([, told]) => count(told.messages), "n"],
    ["Sentiment", ([, told]) => (told.sentiment === null ? NONE : told.sentiment.toFixed(2).replace("-", "−")), "n"],
  ], byMessages({ ...silent(Object.keys(slots)), ...spoken }), "No persona has spoken.");
  live.listen(({ data }) => {
    const same = JSON.stringify(data.personas) === JSON.stringify(last);
    last = data.personas;
    if (!same) one.body.replaceChildren(show(last));
  });
  return one;
}
