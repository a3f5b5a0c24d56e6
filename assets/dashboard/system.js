// System: services, the machine, what was promised, and the monitoring itself.

import { chart } from "./chart.js";
import { el } from "./element.js";
import { state, table, tile, tiles } from "./figures.js";
import { part } from "./parts.js";
import { NONE, count, duration, milliseconds, moment, percent, seconds, share, size, spoken, well } from "./words.js";

export const TITLE = "System";
const READINGS = { cpu_percent: ["CPU", percent], memory_percent: ["Memory", percent], disk_percent: ["Disk", percent], process_memory: ["This process", size] };

export function parts() {
  return [machine(), services(), chart("Machine", "resources"), chart("Uptime", "uptime"), promises(), inside()];
}

const health = () => "/api/health";
const ms = (value) => milliseconds(value === null ? null : value * 1000);

function machine() {
  return part("Now", {
    wide: true,
    plain: true,
    path: health,
    show: ({ figures: value }) => tiles(
      el("div", { class: "tile" }, el("dt", {}, "Overall"), el("dd", { class: "figure" }, state(value.overall)),
        el("dd", { class: "beside" }, `up for ${duration(value.uptime)}`)),
      tile("Gateway", ms(value.gateway_latency), value.gateway_connected ? state("connected", "good") : state("not connected", "critical")),
      tile("Event loop, lag", ms(value.loop_lag)),
      tile("Mean response", seconds(value.mean), "last hour"),
      ...value.readings.map((one) => {
        const [name, say] = READINGS[one.name] ?? [spoken(one.name), count];
        const high = one.limit !== null && one.value !== null && one.value >= one.limit;
        return tile(name, say(one.value), one.limit === null ? "" : high ? state(`limit ${say(one.limit)}`, "warning") : `limit ${say(one.limit)}`);
      }),
    ),
  });
}

function services() {
  return part("Services", {
    wide: true,
    path: health,
    show: (value) => table("Services", [
      ["Service", ([name]) => name], ["State", ([, one]) => state(one.status)],
      ["Answers in", ([, one]) => milliseconds(one.response_time_ms), "n"],
      ["Asked", ([, one]) => moment(one.last_check ? Date.parse(one.last_check) : null), "n"],
      ["24 h", ([, one]) => well(one.details.uptime_24h), "n"], ["7 days", ([, one]) => well(one.details.uptime_7d), "n"],
      ["30 days", ([, one]) => well(one.details.uptime_30d), "n"], ["Says", ([, one]) => one.details.message || "–"],
    ], Object.entries(value.services), "No service is probed."),
  });
}

function promises() {
  const names = { success: "Answers that succeed", fast: "Answers in time", uptime: "Uptime" };
  return part("What is promised", {
    path: (choice) => `/api/insights${choice.query("window")}`,
    show: ({ slo }) => table("What is promised", [
      ["Promise", (row) => [names[row.what] ?? spoken(row.what), row.subject && ` of ${row.subject}`]],
      ["State", (row) => state(row.state)], ["Aim", (row) => well(row.target), "n"], ["Kept", (row) => well(row.value), "n"],
      ["Budget left", (row) => (row.budget === null ? NONE : row.budget < 0 ? "used up" : share(row.budget)), "n"],
    ], slo, "Nothing is promised."),
  });
}

function inside() {
  return part("The monitoring itself", {
    path: health,
    show: ({ figures, problems }) => [
      problems.length
        ? el("ul", { class: "items" }, problems.map((one) => el("li", { class: "wrong" }, one)))
        : el("p", {}, state("Nothing is off", "good")),
      figures.books && tiles(
        tile("Facts taken in", count(figures.books.accepted), "since the start"),
        tile("Stored", count(figures.books.stored), `${count(figures.books.buffered)} wait`),
        tile("Dropped", count(figures.books.total_dropped)),
      ),
    ],
  });
}
