// Select menus and forms of messages.
import { el } from "./markdown.js";

// The entries a menu offers: its own, or people, roles and channels of the guild.
function offers(part, view) {
  const people = () => view.people().map((one) => ({ label: one.name, value: one.id, emoji: { name: "👤" } }));
  const roles = () => view.roles().map((one) => ({ label: one.name, value: one.id, emoji: { name: "🏷️" } }));
  const channels = () => view.channels().map((one) => ({ label: `#${one.name}`, value: one.id }));
  switch (part.type) {
    case 5: return people();
    case 6: return roles();
    case 7: return [...people(), ...roles()];
    case 8: return channels();
    default: return part.options ?? [];
  }
}

export function menu(part, message, view) {
  const options = offers(part, view);
  const preset = new Set([...(part.default_values ?? []).map((one) => String(one.id)), ...options.filter((one) => one.default).map((one) => one.value)]);
  const most = part.max_values ?? 1;
  const least = part.min_values ?? 1;
  const chosen = new Set(preset);
  const words = options.filter((one) => chosen.has(one.value)).map((one) => one.label).join(", ");
  const opener = el("button", { type: "button", class: words ? "chosen" : "", disabled: Boolean(part.disabled), "aria-haspopup": "listbox", "aria-expanded": "false" }, words || part.placeholder || "Make a selection");
  const holder = el("div", { class: "select" }, opener);
  let list = null;
  let hand = 0;

  const close = (focus = true) => {
    if (!list) return;
    list.remove();
    list = null;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (focus) opener.focus();
    const changed = [...chosen].some((value) => !preset.has(value)) || chosen.size !== preset.size;
    if (most > 1 && changed && chosen.size >= least) send();
  };
  const outside = (event) => { if (!holder.contains(event.target)) close(false); };
  const send = () => view.press(opener, message, { custom_id: part.custom_id, values: options.filter((one) => chosen.has(one.value)).map((one) => one.value) });
  const pick = (value) => {
    if (most === 1) {
      chosen.clear();
      chosen.add(value);
      close();
      send();
    } else {
      if (chosen.has(value)) chosen.delete(value);
      else if (chosen.size < most) chosen.add(value);
      show();
    }
  };
  const show = () => {
    if (!options.length) return;
    [...list.children].forEach((node, place) => {
      node.classList.toggle("at-hand", place === hand);
      node.setAttribute("aria-selected", String(chosen.has(options[place].value)));
      if (place === hand) { list.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); }
    });
  };
  const keys = (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (!options.length && event.key !== "Escape" && event.key !== "Tab") return;
    if (event.key in moves) hand = (hand + moves[event.key] + options.length) % options.length;
    else if (event.key === "Home") hand = 0;
    else if (event.key === "End") hand = options.length - 1;
    else if (event.key === "Enter" || event.key === " ") pick(options[hand].value);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    if (list) show();
  };
  const open = () => {
    if (list) { close(); return; }
    list = el("ul", { role: "listbox", tabindex: -1, "aria-multiselectable": String(most > 1), on: { keydown: keys } }, ...options.map((one, place) =>
      el("li", { role: "option", id: `${message.id}-${part.custom_id}-${place}`.replace(/[^\w-]/g, "_"), on: { click: () => pick(one.value), pointermove: () => { if (hand !== place) { hand = place; show(); } } } },
        one.emoji ? el("i", { "aria-hidden": "true", style: "font-style:normal" }, one.emoji.id ? "" : one.emoji.name) : null, el("span", {}, one.label), one.description ? el("small", {}, one.description) : null)));
    if (!options.length) list.append(el("li", { role: "presentation" }, el("span", {}, "Nothing to choose from")));
    holder.append(list);
    opener.setAttribute("aria-expanded", "true");
    hand = Math.max(0, options.findIndex((one) => chosen.has(one.value)));
    if (list.getBoundingClientRect().top < 60) { list.style.bottom = "auto"; list.style.top = "calc(100% + 4px)"; }
    show();
    list.focus();
    document.addEventListener("pointerdown", outside, true);
  };
  opener.addEventListener("click", open);
  return holder;
}

function control(part) {
  if (part.type === 4) {
    const shared = { name: part.custom_id, required: part.required !== false, minlength: part.min_length, maxlength: part.max_length, placeholder: part.placeholder };
    const node = el(part.style === 2 ? "textarea" : "input", shared);
    node.value = part.value ?? "";
    return node;
  }
  const node = el("select", { name: part.custom_id, multiple: (part.max_values ?? 1) > 1, required: part.required !== false });
  for (const one of part.options ?? []) node.append(el("option", { value: one.value, selected: Boolean(one.default) }, one.label));
  return node;
}

function line(part) {
  const inner = part.type === 18 ? part.component : part.components?.[0];
  if (!inner) return part.type === 10 ? el("p", { class: "intro" }, part.content) : null;
  const need = inner.required !== false && el("span", { class: "need", "aria-hidden": "true" }, " *");
  return el("label", {}, el("span", {}, part.label ?? inner.label ?? "", need), part.description ? el("small", {}, part.description) : null, control(inner));
}

// Opens a form; `send` gets the values by custom id and says what went wrong, if anything.
export function openModal(dialog, form, botName, send) {
  const failed = el("div", { class: "failed", role: "alert" });
  const ends = el("div", { class: "ends" }, el("button", { type: "button", class: "plain", on: { click: () => dialog.close() } }, "Cancel"), el("button", { type: "submit", class: "press primary" }, "Submit"));
  const node = el("form", { method: "dialog" }, el("h3", { id: "modal-title" }, form.title), el("p", { class: "intro" }, `This form goes to ${botName}.`), el("div", { class: "body" }, ...(form.components ?? []).map(line).filter(Boolean), failed), ends);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = {};
    for (const field of node.querySelectorAll("[name]")) values[field.name] = field.multiple ? [...field.selectedOptions].map((one) => one.value) : field.value;
    const error = await send(values);
    if (error) failed.textContent = error;
    else dialog.close();
  });
  dialog.replaceChildren(node);
  dialog.setAttribute("aria-labelledby", "modal-title");
  dialog.showModal();
}
