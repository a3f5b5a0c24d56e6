// Performance: response times, services, models and failures.

import { chart } from "./chart.js";
import { el } from "./element.js";
import { bar, figureTile, state, table, tiles } from "./figures.js";
import { part } from "./parts.js";
import { FEW, NONE, count, money, more, moment, pace, points, score, seconds, share, slower, spoken } from "./words.js";

export const TITLE = "Performance";
export const CHOICES = ["window", "persona", "service"];
export const BUILDS_ANEW = true;
const TIMES = ["window", "persona", "service"];

export function parts({ choice }) {
  const { service, persona } = choice.values;
  const all = !service && !persona;
  return [
    times(service), chart("Response times", "response_times", service ? { names: TIMES, asDrawn: true } : { names: ["window", "persona"] }),
    chart("Throughput", "throughput", { names: ["window", "service"] }),
    ...(service ? [operations(service)] : []),
    ...(all ? [chart("Parts of a response", "components"), chart("By persona", "response_by_persona")] : []),
    ...(service || persona ? [] : [models()]),
    failures(service), chart("Failures", "errors", { names: ["window", "service"] }),
  ];
}

const time = (value) => (value === null ? FEW : seconds(value));

function times(service) {
  return part("Figures of the window", {
    wide: true,
    path: (choice) => (service
      ? `/api/performance/services/${encodeURIComponent(service)}${choice.query("window")}`
      : `/api/performance${choice.query("window", "persona")}`),
    show: (value) => {
      const now = service ? value.all.timing : value.now;
      const { before, bands } = value;
      const band = (figure, limits) => (figure === null ? "unknown" : figure > limits.critical ? "critical" : figure > limits.warning ? "warning" : "good");
      const figure = (name) => ({ value: now[name], before: before[name], n: now.n, band: service ? "good" : band(now[name], bands[name] ?? { warning: Infinity }) });
      const what = service ? "operations" : "responses";
      return tiles(
        figureTile("Mean", figure("mean"), seconds, slower, { n: what }),
        figureTile("P50", figure("p50"), seconds, slower),
        figureTile("P95", figure("p95"), seconds, slower),
        figureTile("P99", figure("p99"), seconds, slower),
        figureTile("Error rate", { value: now.rate, before: before.rate, n: now.failures, band: service ? "good" : band(now.rate, bands.errors) }, share, points, { n: "failed" }),
        figureTile(spoken(what)[0].toUpperCase() + what.slice(1), { value: now.n, before: before.n, n: 0 }, count, more),
      );
    },
  });
}

function operations(service) {
  const columns = [
    ["When", (row) => moment(row.at)], ["Operation", (row) => spoken(row.operation)], ["Took", (row) => seconds(row.duration), "n"],
    ["Model", (row) => row.model || NONE], ["Failed with", (row) => spoken(row.kind) || "–"],
  ];
  return part(`Operations of ${service}`, {
    wide: true,
    path: (choice) => `/api/performance/services/${encodeURIComponent(service)}${choice.query("window")}`,
    show: (value) => [
      table("Operations", [
        ["Operation", (row) => spoken(row.name)], ["Done", (row) => count(row.timing.n), "n"], ["A minute", (row) => pace(row.per_minute), "n"],
        ["Mean", (row) => time(row.timing.mean), "n"], ["P95", (row) => time(row.timing.p95), "n"],
        ["P99", (row) => time(row.timing.p99), "n"], ["Failed", (row) => share(row.timing.rate), "n"],
      ], value.rows),
      el("h3", {}, "Slowest"), table("Slowest operations", columns, value.slowest),
      el("h3", {}, "Failed"), table("Failed operations", columns, value.failed, "None failed."),
    ],
  });
}

function models() {
  return part("Models", {
    wide: true,
    path: (choice) => `/api/models${choice.query("window")}`,
    show: (value) => table("Models", [
      ["Model", (row) => row.name], ["State", (row) => state(row.band)],
      ["Operations", (row) => count(row.timing.n), "n"], ["Share", (row) => bar(row.share), "bar"],
      ["Mean", (row) => time(row.timing.mean), "n"], ["P95", (row) => time(row.timing.p95), "n"],
      ["First token", (row) => time(row.first_token.p95), "n"], ["Failed", (row) => share(row.timing.rate), "n"],
      ["Tokens", (row) => count(row.used.total), "n"], ["Cost", (row) => (row.used.local ? "local" : money(row.used.cost)), "n"],
      ["Liked", (row) => score(row.liking, 5), "n"],
    ], value.rows, "No model was used in this window."),
  });
}

function failures(service) {
  return part("What failed", {
    path: (choice) => `/api/errors${choice.query("window", "service")}`,
    show: (value) => [
      table("Failures by kind", [
        ["Kind", (row) => spoken(row.name)], ["Severity", (row) => row.severity], ["Count", (row) => count(row.count), "n"],
        ["Share", (row) => bar(row.share), "bar"], ["Last", (row) => moment(row.last_at), "n"],
      ], value.kinds, "Nothing failed in this window."),
      service ? null : table("Failures by service", [
        ["Service", (row) => row.name], ["Failed", (row) => count(row.failures), "n"], ["Of", (row) => count(row.attempts), "n"],
        ["Rate", (row) => share(row.rate), "n"],
      ], value.services, "No service failed."),
    ],
  });
}
