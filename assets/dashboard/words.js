// Figures as words, the same as in Discord. A no-break space stands between number and unit.

const NB = "\u00a0";
export const NONE = "n/a";
export const FEW = "too few";
let zone = "UTC";

export function useZone(name) {
  zone = name;
}

function grouped(value, digits = 0) {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const known = (say) => (value, ...more) => (value === null || value === undefined ? NONE : say(value, ...more));

export const seconds = known((value) => {
  if (value < 0.995) return `${value.toFixed(2)}${NB}s`;
  return `${grouped(value, value < 99.95 ? 1 : 0)}${NB}s`;
});

export const milliseconds = known((value) => (value < 1000 ? `${value.toFixed(0)}${NB}ms` : seconds(value / 1000)));

export const duration = known((value) => {
  const whole = Math.round(value);
  if (whole < 60) return `${whole}${NB}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${NB}min`;
  const [big, small, bigUnit, smallUnit] = whole < 86400
    ? [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), "h", "min"]
    : [Math.floor(whole / 86400), Math.floor((whole % 86400) / 3600), "d", "h"];
  return small ? `${big}${NB}${bigUnit} ${small}${NB}${smallUnit}` : `${big}${NB}${bigUnit}`;
});

export const count = known((value) => {
  const size = Math.abs(value);
  if (size < 100_000) return grouped(value);
  if (size >= 1e9) return `${grouped(value / 1e9, 1)}${NB}G`;
  return size >= 1e6 ? `${grouped(value / 1e6, 1)}${NB}M` : `${grouped(value / 1e3)}${NB}k`;
});

export const pace = known((value) => {
  if (value >= 9.95 || value === 0) return count(value);
  return value >= 0.095 ? value.toFixed(1) : String(Number(value.toPrecision(1)));
});

export const share = known((value) => {
  const percent = value * 100;
  return `${percent.toFixed(Math.abs(percent) >= 9.95 || percent === 0 ? 0 : 1)}${NB}%`;
});

// Of what went well: rounded down, so that 100 % is all of it.
export const well = known((value) => {
  const percent = Math.floor(value * 10_000 + 1e-9) / 100;
  return `${Number.isInteger(percent) ? percent : percent.toFixed(2)}${NB}%`;
});

export const percent = known((value) => `${value.toFixed(value >= 9.95 ? 0 : 1)}${NB}%`);

export const money = known((micro) => {
  const dollars = micro / 1e6;
  if (dollars === 0) return "$0";
  if (dollars < 0.01) return `$${dollars.toFixed(4)}`;
  return `$${grouped(dollars, dollars < 20 ? 2 : 0)}`;
});

export const size = known((value) => {
  for (const [width, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (value >= width) return `${grouped(value / width, value / width < 9.95 ? 1 : 0)}${NB}${unit}`;
  }
  return `${value.toFixed(0)}${NB}B`;
});

export const score = known((value, most) => `${value.toFixed(1)}${NB}of${NB}${most}`);

// The value of an incident, in the unit of its rule.
export function inUnit(value, unit) {
  const say = { s: seconds, ms: milliseconds, span: duration, "%": percent, rate: share, bytes: size }[unit];
  if (say) return say(unit === "ms" && value !== null ? value * 1000 : value);
  if (unit === "$") return money(value === null ? null : value * 1e6);
  if (value === null || value === undefined) return NONE;
  const small = { times: 1, "σ": 1, "of 5": 1, score: 2 }[unit];
  if (small !== undefined) return `${value.toFixed(small)}${NB}${unit}`;
  return unit ? `${count(value)}${NB}${unit}` : count(value);
}

export function more(now, before) {
  if (now === null || !before) return "";
  const change = now / before - 1;
  if (Math.abs(change) < 0.02) return "= as usual";
  if (change > 9.995) return `▲ ${grouped(now / before)} times as many`;
  const amount = `${Math.abs(change * 100).toFixed(0)}${NB}%`;
  return change > 0 ? `▲ ${amount} more` : `▼ ${amount} less`;
}

export function slower(now, before) {
  if (now === null || !before) return "";
  const change = now - before;
  if (Math.abs(change) < 0.02 * before) return "= as usual";
  const amount = `${Math.abs(change).toFixed(Math.abs(change) >= 0.095 ? 1 : 2)}${NB}s`;
  return change > 0 ? `▲ ${amount} slower` : `▼ ${amount} faster`;
}

export function points(now, before, up = "worse", down = "better") {
  if (now === null || before === null) return "";
  const change = (now - before) * 100;
  if (Math.abs(change) < 0.1) return "= as usual";
  return `${change > 0 ? "▲" : "▼"} ${Math.abs(change).toFixed(1)} points ${change > 0 ? up : down}`;
}

export const clock = known((at) => new Date(at).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }));

export const day = known((at) => new Date(at).toLocaleDateString("en-GB", { timeZone: zone, day: "numeric", month: "short" }));

export const moment = known((at) => {
  const date = day(at);
  return date === day(Date.now()) ? clock(at) : `${date}, ${clock(at)}`;
});

// For a library that knows no zones: the local time as one would write it.
export const local = (at) => new Date(at).toLocaleString("sv-SE", { timeZone: zone });

export const spoken = (name) => name.replaceAll("_", " ");

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
