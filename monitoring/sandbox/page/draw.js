// How messages, embeds, files, reactions and buttons look. Data goes in, DOM nodes come out.
import { clock, day, el, friendlyTime, inline, markdown, safeUrl } from "./markdown.js";
import { menu } from "./menus.js";

const COLOURS = ["#4378a9", "#3f8f6b", "#a1602f", "#8a5bb5", "#b0475f", "#5b7d2e", "#35808c", "#9b6a1e", "#6a6fc2", "#a34f94"];
const EPHEMERAL = 64, LOADING = 128, SUPPRESS_EMBEDS = 4;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "primary" };
const QUICK = ["👍", "❤️", "👎"];

export function initials(name) {
  const letters = [...String(name).replace(/^[^\p{L}\p{N}]+/u, "")];
  return (letters[0] ?? "?").toUpperCase();
}

export function colour(name) {
  let sum = 7;
  for (const letter of String(name)) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return COLOURS[sum % COLOURS.length];
}

export function avatar(name, extra = "") {
  return el("span", { class: `avatar ${extra}`, style: `background:${colour(name)}`, "aria-hidden": "true" }, initials(name));
}

export const nameOf = (user) => user?.global_name || user?.username || "somebody";
export const isApp = (message) => Boolean(message.author?.bot || message.webhook_id);

function picture(source, alt, size, view) {
  const url = safeUrl(source.proxy_url || source.url || source);
  if (!url) return null;
  const image = el("img", { src: url, alt: alt || "", loading: "eager", width: size?.width, height: size?.height });
  return el("button", { type: "button", class: "picture", "aria-label": alt ? `Open image: ${alt}` : "Open image", on: { click: () => view.enlarge(url, alt) } }, image);
}

// --- embeds

function fields(list, context) {
  const rows = [];
  for (const field of list) {
    const last = rows.at(-1);
    if (field.inline && last?.inline && last.cells.length < 3) last.cells.push(field);
    else rows.push({ inline: Boolean(field.inline), cells: [field] });
  }
  const holder = el("div", { class: "fields" });
  for (const row of rows) {
    for (const field of row.cells) {
      const kind = row.inline && row.cells.length > 1 ? `inline-${row.cells.length}` : "";
      holder.append(el("div", { class: kind }, el("b", {}, ...inline(field.name, { ...context, titles: true })), markdown(field.value, context)));
    }
  }
  return holder;
}

function byline(author) {
  const icon = author.icon_url && safeUrl(author.proxy_icon_url || author.icon_url);
  const name = author.url && safeUrl(author.url) ? el("a", { href: safeUrl(author.url), target: "_blank", rel: "noopener noreferrer" }, author.name) : author.name;
  return el("div", { class: "author" }, icon && el("img", { src: icon, alt: "" }), name);
}

function footer(embed) {
  const words = [];
  if (embed.footer?.text) words.push(embed.footer.text);
  if (embed.timestamp) words.push(friendlyTime(new Date(embed.timestamp)));
  if (!words.length) return null;
  const icon = embed.footer?.icon_url && safeUrl(embed.footer.proxy_icon_url || embed.footer.icon_url);
  return el("div", { class: "foot" }, icon && el("img", { src: icon, alt: "" }), el("span", {}, words.join(" • ")));
}

function altOf(message, source) {
  const file = (message.attachments ?? []).find((one) => one.url === source.url || source.url?.endsWith(`/${one.filename}`));
  return source.description || file?.description || message.alts?.[source.url] || "";
}

export function embedNode(embed, message, view) {
  const context = view.context;
  const node = el("article", { class: embed.image ? "embed pictured" : "embed" });
  if (typeof embed.color === "number") node.style.borderLeftColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  if (embed.author?.name) node.append(byline(embed.author));
  if (embed.title) {
    const words = inline(embed.title, { ...context, titles: true });
    const url = embed.url && safeUrl(embed.url);
    node.append(el("div", { class: "title" }, ...(url ? [el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...words)] : words)));
  }
  if (embed.description) node.append(markdown(embed.description, context));
  if (embed.fields?.length) node.append(fields(embed.fields, context));
  if (embed.image?.url) {
    const shown = picture(embed.image, altOf(message, embed.image), embed.image, view);
    if (shown) { shown.classList.add("image"); node.append(shown); }
  }
  if (embed.thumbnail?.url) {
    const shown = picture(embed.thumbnail, altOf(message, embed.thumbnail), null, view);
    if (shown) { shown.classList.add("thumb"); node.append(shown); }
  }
  const foot = footer(embed);
  if (foot) node.append(foot);
  return node;
}

// --- files

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function files(message, view) {
  const used = new Set((message.embeds ?? []).flatMap((embed) => [embed.image?.url, embed.thumbnail?.url, embed.footer?.icon_url, embed.author?.icon_url]).filter(Boolean));
  const shown = (message.attachments ?? []).filter((file) => !used.has(file.url) && !used.has(`attachment://${file.filename}`));
  if (!shown.length) return null;
  return el("div", { class: "files" }, ...shown.map((file) => {
    if (/^image\//.test(file.content_type ?? "") || /\.(png|jpe?g|gif|webp)$/i.test(file.filename)) return picture(file, file.description, file, view);
    const href = safeUrl(file.url);
    return el("div", { class: "file" }, el("span", { "aria-hidden": "true" }, "📄"), el("span", {}, href ? el("a", { href, download: file.filename }, file.filename) : file.filename, el("small", {}, size(file.size ?? 0))));
  }));
}

// --- buttons and menus

function emojiText(emoji) {
  return emoji ? (emoji.id ? `:${emoji.name}:` : emoji.name) : "";
}

function button(part, message, view) {
  const label = [emojiText(part.emoji), part.label].filter(Boolean).map((words) => el("span", {}, words));
  if (part.style === 5) {
    const href = safeUrl(part.url);
    const inside = href && view.context.openLink?.(href);
    return el("a", { class: "press", href, target: "_blank", rel: "noopener noreferrer", on: inside ? { click: inside } : {} }, ...label, el("span", { "aria-hidden": "true" }, "↗\ufe0e"));
  }
  const node = el("button", { type: "button", class: `press ${STYLES[part.style] ?? "secondary"}`, disabled: Boolean(part.disabled) }, ...label);
  node.addEventListener("click", () => view.press(node, message, { custom_id: part.custom_id }));
  return node;
}

function components(message, view) {
  return (message.components ?? []).flatMap((part) => {
    if (part.type === 10) return [markdown(part.content, view.context)];
    if (part.type === 17) return [el("div", { class: "embed" }, ...components({ ...message, components: part.components }, view))];
    if (part.type !== 1) return [];
    return [el("div", { class: "row" }, ...part.components.map((one) => (one.type === 2 ? button(one, message, view) : menu(one, message, view))))];
  });
}

// --- what stands above, and the rest of a message

function above(message, view) {
  const asked = message.interaction_metadata ?? message.interaction;
  if (asked?.name && (asked.type ?? 2) === 2) {
    const person = asked.user;
    return el("div", { class: "above" }, avatar(nameOf(person), "small"), el("span", { class: "who" }, nameOf(person)), el("span", {}, "used"), el("span", { class: "mention" }, `/${asked.name}`));
  }
  if (message.message_reference && message.type !== 6) {
    const earlier = message.referenced_message;
    if (!earlier) return el("div", { class: "above" }, el("span", { class: "said" }, el("em", {}, "Original message was deleted")));
    const words = (earlier.content || "").replace(/\n/g, " ").slice(0, 200);
    const said = earlier.content ? inline(words, view.context) : [el("em", {}, earlier.embeds?.length ? "Click to see embed" : "Click to see attachment")];
    return el("div", { class: "above" }, avatar(nameOf(earlier.author), "small"), el("span", { class: "who" }, nameOf(earlier.author)),
      el("button", { type: "button", class: "said", on: { click: () => view.goTo(earlier.channel_id ?? message.channel_id, earlier.id) } }, ...said));
  }
  return null;
}

function reactions(message, view) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, ...message.reactions.map((one) => {
    const text = emojiText(one.emoji);
    return el("button", { type: "button", "aria-pressed": String(Boolean(one.me)), "aria-label": `${text}, ${one.count}`, on: { click: () => view.react(message, one.emoji, one.me) } }, el("span", {}, text), el("span", {}, String(one.count)));
  }));
}

function tools(message, view) {
  if (message.flags & EPHEMERAL) return null;
  return el("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    ...QUICK.map((emoji) => el("button", { type: "button", "aria-label": `React with ${emoji}`, on: { click: () => view.react(message, { id: null, name: emoji }, false) } }, emoji)),
    el("button", { type: "button", "aria-label": "Reply", on: { click: () => view.reply(message) } }, "↩\ufe0e"));
}

function body(message, view) {
  if (message.flags & LOADING) return el("div", { class: "text thinking" }, `${nameOf(message.author)} is thinking…`);
  if (!message.content) return null;
  const node = markdown(message.content, view.context);
  if (/^(\p{Extended_Pictographic}\ufe0f?\u200d?\s*){1,12}$/u.test(message.content)) node.classList.add("jumbo");
  if (message.edited_timestamp) node.append(editedMark(message));
  return node;
}

function editedMark(message) {
  return el("span", { class: "edited", title: friendlyTime(new Date(message.edited_timestamp)) }, "(edited)");
}

function whisper(message, view) {
  if (!(message.flags & EPHEMERAL)) return null;
  return el("div", { class: "only" }, "👁\ufe0e Only you can see this · ", el("button", { type: "button", on: { click: () => view.dismiss(message.id) } }, "Dismiss message"));
}

export function grouped(message, before) {
  if (!before) return false;
  const near = new Date(message.timestamp) - new Date(before.timestamp) < 7 * 60000;
  const same = message.author.id === before.author.id && nameOf(message.author) === nameOf(before.author);
  const plain = !message.message_reference && !message.interaction_metadata?.name;
  return near && same && plain && sameDay(message, before) && (message.flags & EPHEMERAL) === (before.flags & EPHEMERAL);
}

export function sameDay(message, before) {
  return new Date(message.timestamp).toDateString() === new Date(before.timestamp).toDateString();
}

export function divider(message) {
  return el("li", { class: "day", role: "separator" }, el("span", {}, day(new Date(message.timestamp))));
}

export function messageNode(message, follows, view) {
  const at = new Date(message.timestamp);
  const node = el("li", { class: "message", id: `m${message.id}` });
  if (message.flags & EPHEMERAL) node.classList.add("whisper");
  if (view.pings(message)) node.classList.add("pinged");
  const head = above(message, view);
  if (head) node.append(head);
  if (follows) node.append(el("span", { class: "at", "aria-hidden": "true" }, clock(at)));
  else {
    node.classList.add("first");
    node.append(avatar(nameOf(message.author)), el("div", { class: "by" }, el("span", { class: "who" }, nameOf(message.author)), isApp(message) && el("span", { class: "app" }, "APP"), el("time", { class: "at", datetime: message.timestamp, title: friendlyTime(at) }, friendlyTime(at))));
  }
  const parts = [body(message, view), ...(message.flags & SUPPRESS_EMBEDS ? [] : (message.embeds ?? []).map((embed) => embedNode(embed, message, view))), files(message, view), ...components(message, view)];
  if (!message.content && message.edited_timestamp && !(message.flags & LOADING) && !message.embeds?.length) parts.push(editedMark(message));
  node.append(...parts.filter(Boolean));
  if (message.failed) node.append(el("div", { class: "failed", role: "alert" }, message.failed));
  for (const part of [reactions(message, view), whisper(message, view), tools(message, view)]) if (part) node.append(part);
  return node;
}
