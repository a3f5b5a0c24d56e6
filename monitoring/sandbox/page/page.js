// The page: what is open, who is looking, and what comes in live. How things look is in draw.js.
import { Composer, leaves } from "./composer.js";
import { avatar, colour, divider, grouped, initials, messageNode, nameOf, sameDay } from "./draw.js";
import { el, inline } from "./markdown.js";
import { openModal } from "./menus.js";

const $ = (id) => document.getElementById(id);
const KEPT = 200;
const state = { world: null, guild: null, channel: null, me: null, messages: [], unread: new Set(), dismissed: new Set(), typing: new Map(), reply: null, last: {}, stuck: true, top: 0 };
let socket = null;
let local = 0;

const wanted = () => new URLSearchParams(`${location.search.slice(1)}&${location.hash.slice(1)}`);
const all = () => state.world.guilds.flatMap((guild) => guild.channels.map((channel) => ({ ...channel, guild })));
const person = (id) => state.world.users.find((one) => one.id === String(id)) ?? (String(id) === state.world.bot.id ? state.world.bot : null);
const role = (id) => state.world.guilds.flatMap((guild) => guild.roles ?? []).find((one) => one.id === String(id));

async function call(path, body) {
  try {
    const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`/page-api/${path}`, options);
    const data = await answer.json().catch(() => ({}));
    return answer.ok ? data : { error: data.error ?? data.message ?? `The sandbox answered ${answer.status}` };
  } catch {
    return { error: "The sandbox does not answer" };
  }
}

// --- what the drawing needs to know and may do

const context = {
  user: (id) => el("span", { class: "mention" }, `@${person(id)?.name ?? "unknown-user"}`),
  role: (id) => el("span", { class: "mention" }, `@${role(id)?.name ?? "role"}`),
  channel: (id) => {
    const found = all().find((one) => one.id === id);
    return found ? el("button", { type: "button", class: "mention", on: { click: () => open(id) } }, `#${found.name}`) : el("span", { class: "mention" }, "#unknown");
  },
  openLink: (href) => {
    const match = /^https:\/\/discord\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?$/.exec(href);
    if (!match || !all().some((one) => one.id === match[1])) return null;
    return (event) => { event.preventDefault(); goTo(match[1], match[2]); };
  },
};

const view = {
  context,
  people: () => state.world.users,
  channels: () => state.guild.channels,
  roles: () => state.guild.roles ?? [],
  commands: () => state.commands,
  botName: () => state.world.bot.name,
  placeholder: () => `Message #${state.channel.name}`,
  pings: (message) => !(message.flags & 64) && (message.mention_everyone || (message.mentions ?? []).some((one) => one.id === state.me) || mineByRole(message)),
  goTo,
  enlarge: (url, alt) => {
    const box = $("lightbox");
    box.replaceChildren(el("img", { src: url, alt: alt || "", on: { click: () => box.close() } }));
    box.showModal();
  },
  dismiss: (id) => { state.dismissed.add(id); remove(id); },
  reply: (message) => { view.replyTo(message); $("text").focus(); },
  replyTo: (message) => {
    state.reply = message;
    const bar = $("replying");
    bar.hidden = !message;
    if (message) bar.replaceChildren(el("span", {}, "Replying to ", el("b", {}, nameOf(message.author))), el("button", { type: "button", "aria-label": "Do not reply", on: { click: () => view.replyTo(null) } }, "✕"));
  },
  react: async (message, emoji, mine) => {
    await call("react", { channel: message.channel_id, message: message.id, user: state.me, emoji: emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name, remove: Boolean(mine) });
  },
  press: async (node, message, what) => {
    node.classList.add("busy");
    node.disabled = true;
    const answer = await call(what.values ? "select" : "click", { channel: message.channel_id, message: message.id, user: state.me, ...what });
    node.classList.remove("busy");
    node.disabled = false;
    const shown = state.messages.find((one) => one.id === message.id);
    if (shown && (answer.error || shown.failed)) { shown.failed = answer.error; redraw(shown.id); }
  },
  typing: () => {},
  say: async (content) => {
    const body = { channel: state.channel.id, user: state.me, content };
    if (state.reply) body.reference = state.reply.id;
    view.replyTo(null);
    const answer = await call("say", body);
    if (answer.error) whisper(answer.error);
    toBottom();
  },
  run: async (name, options) => {
    const channel = state.channel.id;
    toBottom();
    const answer = await call("command", { channel, user: state.me, name, options });
    if (answer.error && state.channel.id === channel) whisper(answer.error, name);
  },
  autocomplete: (name, option, text, options) => call("autocomplete", { channel: state.channel.id, user: state.me, name, option, text, options }),
};

function mineByRole(message) {
  const names = person(state.me)?.roles ?? [];
  return (message.mention_roles ?? []).some((id) => names.includes(role(id)?.name));
}

// What the client itself tells the person, as Discord does when an application stays silent.
function whisper(text, name) {
  const user = { id: state.me, global_name: person(state.me)?.name };
  local += 1;
  add({
    id: `local${local}`, channel_id: state.channel.id, type: 20, flags: 64, author: { id: state.world.bot.id, username: state.world.bot.name, bot: true },
    timestamp: new Date().toISOString(), content: "", failed: `❗ ${text}`, interaction_metadata: name ? { type: 2, name, user } : undefined,
  });
}

// --- messages on the screen

const atBottom = () => { const box = $("scroll"); return box.scrollHeight - box.scrollTop - box.clientHeight < 60; };

function toBottom() {
  const box = $("scroll");
  box.scrollTop = box.scrollHeight;
  state.stuck = true;
  $("jump").hidden = true;
}

// Only somebody who scrolls up leaves the newest; content that grows does not.
function scrolled() {
  const { scrollTop } = $("scroll");
  if (atBottom()) state.stuck = true;
  else if (scrollTop < state.top - 2) state.stuck = false;
  state.top = scrollTop;
  if (state.stuck) $("jump").hidden = true;
}

// Whoever reads the newest stays there, also when pictures arrive or a message grows.
function stayDown() {
  if (state.stuck) toBottom();
}

function nodesFor(place) {
  const message = state.messages[place];
  const before = state.messages[place - 1];
  const nodes = [messageNode(message, grouped(message, before), view)];
  if (!before || !sameDay(message, before)) nodes.unshift(divider(message));
  return nodes;
}

function drawAll() {
  $("messages").replaceChildren(...state.messages.flatMap((_, place) => nodesFor(place)));
}

function redraw(id) {
  const place = state.messages.findIndex((one) => one.id === id);
  const old = $(`m${id}`);
  if (place < 0 || !old) return;
  old.replaceWith(nodesFor(place).at(-1));
  stayDown();
}

function add(message) {
  if (state.dismissed.has(message.id) || state.messages.some((one) => one.id === message.id)) return;
  state.messages.push(message);
  $("messages").append(...nodesFor(state.messages.length - 1));
  if (state.messages.length > KEPT && state.stuck) { state.messages.splice(0, 50); drawAll(); }
  $("jump").hidden = state.stuck;
  stayDown();
}

function remove(id) {
  const place = state.messages.findIndex((one) => one.id === id);
  if (place < 0) return;
  state.messages.splice(place, 1);
  drawAll();
  stayDown();
}

function goTo(channel, id) {
  const show = () => {
    const node = id && $(`m${id}`);
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("target");
    void node.offsetWidth;
    node.classList.add("target");
  };
  if (channel && channel !== state.channel.id) open(channel).then(show);
  else show();
}

// --- live events

function reacted(data, step) {
  const message = state.messages.find((one) => one.id === data.message_id);
  if (!message) return;
  message.reactions ??= [];
  const same = (one) => one.emoji.name === data.emoji.name && one.emoji.id === data.emoji.id;
  let entry = message.reactions.find(same);
  if (!entry && step > 0) { entry = { emoji: data.emoji, count: 0, me: false }; message.reactions.push(entry); }
  if (!entry) return;
  entry.count += step;
  if (data.user_id === state.me) entry.me = step > 0;
  message.reactions = message.reactions.filter((one) => one.count > 0);
  redraw(message.id);
}

const EVENTS = {
  MESSAGE_CREATE: (data) => {
    if (data.channel_id === state.channel.id) {
      state.typing.delete(data.author.id);
      add(data);
    } else if (!state.unread.has(data.channel_id)) {
      state.unread.add(data.channel_id);
      drawPlaces();
    }
  },
  MESSAGE_UPDATE: (data) => {
    const message = state.messages.find((one) => one.id === data.id);
    if (!message) return;
    Object.assign(message, data, { reactions: message.reactions });
    redraw(data.id);
  },
  MESSAGE_DELETE: (data) => remove(data.id),
  MESSAGE_DELETE_BULK: (data) => data.ids.forEach(remove),
  MESSAGE_REACTION_ADD: (data) => reacted(data, 1),
  MESSAGE_REACTION_REMOVE: (data) => reacted(data, -1),
  TYPING_START: (data) => {
    if (data.channel_id !== state.channel.id || data.user_id === state.me) return;
    state.typing.set(data.user_id, Date.now() + 9000);
    drawTyping();
  },
  MODAL: (data) => openModal($("modal"), data, state.world.bot.name, async (values) => (await call("modal", { interaction: data.interaction, user: state.me, values })).error),
  COMMANDS: (data) => { state.commands = leaves(Array.isArray(data) ? data : data.commands); },
};

function connect() {
  socket?.close();
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page-api/events?as=${state.me}`);
  socket = mine;
  mine.addEventListener("message", (event) => {
    const { t, d } = JSON.parse(event.data);
    EVENTS[t]?.(d);
  });
  mine.addEventListener("close", () => {
    if (socket === mine) setTimeout(() => { if (socket === mine) { connect(); load(); } }, 1500);
  });
}

// --- guilds, channels, people

function drawTyping() {
  const now = Date.now();
  for (const [id, until] of state.typing) if (until < now) state.typing.delete(id);
  const names = [...state.typing.keys()].map((id) => person(id)?.name ?? "Somebody").slice(0, 3);
  $("typing").replaceChildren(...(names.length ? [...names.flatMap((name, place) => [place ? ", " : "", el("b", {}, name)]), names.length > 1 ? " are typing…" : " is typing…"] : []));
}

function drawPlaces() {
  $("guild").textContent = state.guild.name;
  $("rail").replaceChildren(...state.world.guilds.map((guild) => el("button", {
    type: "button", title: guild.name, "aria-label": guild.name, "aria-current": String(guild === state.guild), class: guild.channels.some((one) => state.unread.has(one.id)) ? "unread" : "",
    on: { click: () => open(state.last[guild.id] ?? guild.channels[0].id) },
  }, guild.name.split(/\s+/).map((word) => [...word][0] ?? "").join("").slice(0, 3))));
  $("channels").replaceChildren(...state.guild.channels.map((channel) => el("button", {
    type: "button", "aria-current": String(channel.id === state.channel.id), class: state.unread.has(channel.id) ? "unread" : "", on: { click: () => open(channel.id) },
  }, channel.name)));
}

function drawPeople() {
  const told = (one) => one.name + (one.id === state.world.me ? " (owner)" : one.roles?.length ? ` (${[...new Set(one.roles)].join(", ")})` : "");
  const ranked = [...state.world.users].sort((a, b) => (b.id === state.world.me) - (a.id === state.world.me) || (b.roles?.length > 0) - (a.roles?.length > 0));
  $("as").replaceChildren(...ranked.map((one) => el("option", { value: one.id }, told(one))));
  $("as").value = state.me;
  const name = person(state.me)?.name ?? "?";
  $("my-avatar").textContent = initials(name);
  $("my-avatar").style.background = colour(name);
}

async function load() {
  const channel = state.channel.id;
  const found = await call(`messages?channel=${channel}&limit=60&as=${state.me}`);
  if (channel !== state.channel.id) return;
  state.messages = (Array.isArray(found) ? found : []).filter((one) => !state.dismissed.has(one.id));
  drawAll();
  toBottom();
}

async function open(id) {
  const found = all().find((one) => one.id === id || one.name === id) ?? all()[0];
  if (!found) return;
  state.guild = found.guild;
  state.channel = found.guild.channels.find((one) => one.id === found.id);
  state.last[found.guild.id] = found.id;
  state.unread.delete(found.id);
  state.typing.clear();
  state.messages = [];
  view.replyTo(null);
  $("name").textContent = found.name;
  $("topic").textContent = found.topic ?? "";
  $("welcome").replaceChildren(el("h3", {}, `Welcome to #${found.name}`), ...inline(found.topic ?? "", { ...context, titles: true }));
  document.title = `#${found.name} · Sandbox`;
  document.body.classList.remove("open");
  $("menu").setAttribute("aria-expanded", "false");
  composer.clear();
  drawPlaces();
  drawTyping();
  history.replaceState(null, "", `${location.pathname}${location.search}#channel=${found.id}`);
  await load();
}

function become(id) {
  state.me = person(id) ? String(id) : state.world.me;
  state.dismissed.clear();
  drawPeople();
  connect();
}

function setTheme(light) {
  document.documentElement.dataset.theme = light ? "light" : "dark";
  $("theme").setAttribute("aria-pressed", String(light));
}

function listen() {
  $("as").addEventListener("change", async (event) => { become(event.target.value); await load(); });
  $("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "light"));
  $("jump").addEventListener("click", toBottom);
  $("scroll").addEventListener("scroll", scrolled);
  const growth = new ResizeObserver(stayDown);
  growth.observe($("messages"));
  growth.observe($("scroll"));
  $("menu").addEventListener("click", () => $("menu").setAttribute("aria-expanded", String(document.body.classList.toggle("open"))));
  $("veil").addEventListener("click", () => { document.body.classList.remove("open"); $("menu").setAttribute("aria-expanded", "false"); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") document.body.classList.remove("open"); });
  window.addEventListener("hashchange", () => { const id = wanted().getAll("channel").at(-1); if (id && id !== state.channel.id) open(id); });
  setInterval(drawTyping, 2000);
}

const composer = new Composer({ form: $("composer"), text: $("text"), popup: $("popup"), holder: $("chips"), foot: $("foot") }, view);

async function start() {
  const world = await call("world");
  if (world.error || !world.guilds?.length) {
    $("welcome").textContent = world.error ?? "There is no guild yet.";
    setTimeout(start, 2000);
    return;
  }
  state.world = world;
  state.commands = leaves(world.commands ?? []);
  setTheme(wanted().get("theme") === "light");
  const as = wanted().get("as");
  become(world.users.find((one) => one.id === as || one.name === as)?.id ?? world.me);
  listen();
  await open(wanted().getAll("channel").at(-1) ?? all()[0].id);
}

start();
