// Figures over time behind the charts: where they are asked for, and their lines.

import { count, seconds } from "./words.js";

const api = (path) => (query) => `/api/${path}${query}`;

function course(points, lines) {
  return {
    at: points.map((point) => point.at ?? point.start),
    of: lines.map(([name, pick, say, look = {}]) => ({ name, say, values: points.map((point) => pick(point) ?? null), ...look })),
  };
}

export const COURSES = {
  response_times: {
    path: api("performance"),
    lines: (value) => course(value.points, [
      ["P50", (point) => point.timing.p50, seconds, { unit: " s" }],
      ["P95", (point) => point.timing.p95, seconds, { main: true }],
      ["P99", (point) => point.timing.p99, seconds],
      ["Responses", (point) => point.timing.n, count, { hidden: true }],
    ]),
  },
  errors: {
    path: api("errors"),
    lines: (value) => course(value.steps, [["Failures", (point) => point.failures, count, { main: true, bars: true }]]),
  },
  tokens: {
    path: api("tokens"),
    lines: (value) => course(value.tokens.steps, [
      ["Prompt", (point) => point.used?.prompt, count, { bars: true, main: true }],
      ["Answer", (point) => point.used?.completion, count, { bars: true }],
    ]),
  },
  users: {
    path: api("users"),
    lines: (value) => course(value.days, [
      ["Users", (point) => point.users, count, { main: true }],
      ["New", (point) => point.new, count],
    ]),
  },
  conversations: {
    path: api("conversations"),
    lines: (value) => course(value.days, [["Conversations", (point) => point.value, count, { main: true, bars: true }]]),
  },
};
