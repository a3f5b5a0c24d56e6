// Discord's Markdown as DOM nodes. Text only ever becomes text nodes, so nothing a person writes can act.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "blob:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

const two = (number) => String(number).padStart(2, "0");
const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
const day = (date) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" }).format(date);
const weekday = (date) => new Intl.DateTimeFormat("en-GB", { weekday: "long" }).format(date);
const numeric = (date) => `${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`;

export function relative(date, now = Date.now()) {
  const seconds = Math.round((date - now) / 1000);
  const steps = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [2592000, "day", 86400], [31536000, "month", 2592000], [Infinity, "year", 31536000]];
  const [, unit, size] = steps.find(([limit]) => Math.abs(seconds) < limit);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

export function stampText(date, style) {
  switch (style) {
    case "t": return clock(date);
    case "T": return `${clock(date)}:${two(date.getSeconds())}`;
    case "d": return numeric(date);
    case "D": return day(date);
    case "F": return `${weekday(date)}, ${day(date)} ${clock(date)}`;
    case "R": return relative(date);
    default: return `${day(date)} ${clock(date)}`;
  }
}

export function friendlyTime(date) {
  const today = new Date();
  const yesterday = new Date(today - 86400000);
  if (date.toDateString() === today.toDateString()) return `Today at ${clock(date)}`;
  if (date.toDateString() === yesterday.toDateString()) return `Yesterday at ${clock(date)}`;
  return `${numeric(date)} ${clock(date)}`;
}

export { clock, day };

setInterval(() => {
  for (const node of document.querySelectorAll("time.stamp[data-style=R]")) {
    node.textContent = relative(new Date(node.dateTime));
  }
}, 5000);

function stamp([, seconds, style = "f"]) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return el("time", { class: "stamp", datetime: date.toISOString(), title: stampText(date, "F"), "data-style": style }, stampText(date, style));
}

function link(text, url, context) {
  const href = safeUrl(url);
  if (!href) return null;
  const inside = context.openLink?.(href);
  const label = typeof text === "string" ? [text] : text;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer", on: inside ? { click: inside } : {} }, ...label);
}

function spoiler(children) {
  const show = (event) => {
    event.currentTarget.classList.add("shown");
    event.currentTarget.removeAttribute("role");
  };
  const keys = (event) => { if (event.key === "Enter" || event.key === " ") show(event); };
  return el("span", { class: "spoiler", tabindex: 0, role: "button", "aria-label": "Spoiler, show", on: { click: show, keydown: keys } }, ...children);
}

// Each rule: pattern at the place, and what it becomes (null: not this rule). `plain` rules work in titles too.
const RULES = [
  { plain: true, pattern: /^\\([^A-Za-z0-9\s])/, make: (m) => m[1] },
  { plain: true, pattern: /^(`+)([\s\S]*?[^`])\1(?!`)/, make: (m) => el("code", {}, m[2].trim() || m[2]) },
  { pattern: /^<t:(-?\d{1,12})(?::([tTdDfFR]))?>/, make: stamp },
  { pattern: /^<@!?(\d{1,20})>/, make: (m, c) => c.user(m[1]) },
  { pattern: /^<@&(\d{1,20})>/, make: (m, c) => c.role(m[1]) },
  { pattern: /^<#(\d{1,20})>/, make: (m, c) => c.channel(m[1]) },
  { pattern: /^<\/([-\w\u00c0-\uffff ]{1,100}):\d{1,20}>/, make: (m) => el("span", { class: "mention" }, `/${m[1]}`) },
  { pattern: /^<a?:(\w{2,32}):\d{1,20}>/, make: (m) => `:${m[1]}:` },
  { pattern: /^@(everyone|here)\b/, make: (m) => el("span", { class: "mention" }, m[0]) },
  { pattern: /^\[((?:\\.|[^\]\\])+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, make: (m, c) => link(inline(m[1], { ...c, inLink: true }), m[2], c) },
  { pattern: /^<(https?:\/\/[^\s>]+)>/, make: (m, c) => link(m[1], m[1], c) },
  { pattern: /^https?:\/\/[^\s<]*[^\s<.,:;"')\]!?*_|~]/, make: (m, c) => (c.inLink ? m[0] : link(m[0], m[0], c)) },
  { plain: true, pattern: /^\*\*([\s\S]+?)\*\*(?!\*)/, make: (m, c) => el("strong", {}, ...inline(m[1], c)) },
  { plain: true, pattern: /^__([\s\S]+?)__(?!_)/, make: (m, c) => el("u", {}, ...inline(m[1], c)) },
  { plain: true, pattern: /^\*(?=\S)((?:\*\*|\\[\s\S]|[^*\\])+?\S?)\*(?!\*)/, make: (m, c) => (/\s$/.test(m[1]) ? null : el("em", {}, ...inline(m[1], c))) },
  { plain: true, word: true, pattern: /^_((?:\\[\s\S]|[^_\\])+?)_(?![A-Za-z0-9_])/, make: (m, c) => el("em", {}, ...inline(m[1], c)) },
  { plain: true, pattern: /^~~([\s\S]+?)~~/, make: (m, c) => el("s", {}, ...inline(m[1], c)) },
  { plain: true, pattern: /^\|\|([\s\S]+?)\|\|/, make: (m, c) => spoiler(inline(m[1], c)) },
];
const SPECIAL = /[\\`<@[*_~|]|https?:/g;

export function inline(text, context) {
  const nodes = [];
  let plain = "";
  let place = 0;
  while (place < text.length) {
    SPECIAL.lastIndex = place;
    const next = SPECIAL.exec(text);
    if (!next) break;
    plain += text.slice(place, next.index);
    place = next.index;
    const rest = text.slice(place);
    let made = null;
    let length = 0;
    for (const rule of RULES) {
      if (context.titles && !rule.plain) continue;
      if (rule.word && /[A-Za-z0-9]/.test(text[place - 1] ?? "")) continue;
      const match = rule.pattern.exec(rest);
      if (!match) continue;
      made = rule.make(match, context);
      if (made !== null) { length = match[0].length; break; }
    }
    if (made === null) {
      plain += text[place];
      place += 1;
    } else {
      if (typeof made === "string") plain += made;
      else { if (plain) nodes.push(plain); plain = ""; nodes.push(made); }
      place += length;
    }
  }
  plain += text.slice(place);
  if (plain) nodes.push(plain);
  return nodes;
}

const LIST = /^(\s*)([-*]|\d{1,9}\.)\s+(.*)$/;

function list(lines, context) {
  const depth = LIST.exec(lines[0])[1].length;
  const numbered = /\d/.test(LIST.exec(lines[0])[2]);
  const node = el(numbered ? "ol" : "ul", numbered ? { start: parseInt(LIST.exec(lines[0])[2], 10) } : {});
  let last = null;
  while (lines.length) {
    const match = LIST.exec(lines[0]);
    if (!match || match[1].length < depth) break;
    if (match[1].length <= depth + 1 && /\d/.test(match[2]) !== numbered) break;
    if (match[1].length > depth + 1 && last) last.append(list(lines, context));
    else { last = el("li", {}, ...inline(match[3], context)); node.append(last); lines.shift(); }
  }
  return node;
}

function blocks(text, context) {
  const nodes = [];
  const lines = text.split("\n");
  let run = [];
  const flush = () => {
    if (run.length) nodes.push(...inline(run.join("\n"), context));
    run = [];
  };
  const block = (node) => { flush(); nodes.push(node); };
  while (lines.length) {
    const line = lines[0];
    const heading = /^(#{1,3})\s+(.+)$/.exec(line);
    if (heading) { lines.shift(); block(el(`h${heading[1].length}`, {}, ...inline(heading[2], context))); continue; }
    if (line.startsWith("-# ")) { lines.shift(); block(el("div", { class: "sub" }, ...inline(line.slice(3), context))); continue; }
    if (line.startsWith(">>> ")) { block(el("blockquote", {}, ...blocks(lines.join("\n").slice(4), context))); return nodes; }
    if (line.startsWith("> ")) {
      const quoted = [];
      while (lines.length && lines[0].startsWith("> ")) quoted.push(lines.shift().slice(2));
      block(el("blockquote", {}, ...blocks(quoted.join("\n"), context)));
      continue;
    }
    if (LIST.test(line)) { block(list(lines, context)); continue; }
    lines.shift();
    run.push(line);
    if (lines.length && (/^(#{1,3}\s+\S|-# |> |>>> )/.test(lines[0]) || LIST.test(lines[0]))) flush();
  }
  flush();
  return nodes;
}

// The whole of a message or an embed's text: code blocks first, then lines, then what is inside lines.
export function markdown(text, context) {
  const holder = el("div", { class: "text" });
  let rest = String(text);
  for (;;) {
    const match = /```(?:([A-Za-z0-9_+.-]*)\n)?\n*([\s\S]+?)\n*```/.exec(rest);
    if (!match) break;
    const before = rest.slice(0, match.index).replace(/\n$/, "");
    if (before) holder.append(...blocks(before, context));
    holder.append(el("pre", { tabindex: 0 }, el("code", {}, match[2])));
    rest = rest.slice(match.index + match[0].length).replace(/^\n/, "");
  }
  if (rest) holder.append(...blocks(rest, context));
  return holder;
}
