// Writing: plain messages, and slash commands with their list, option chips, choices and autocompletion.
import { el } from "./markdown.js";

const SUB = 1, GROUP = 2;
const LIMIT = 25;

// Every command that can be used, as one row each: "stats persona" and its options.
export function leaves(commands) {
  const found = [];
  const walk = (top, words, node) => {
    const inner = (node.options ?? []).filter((one) => one.type === SUB || one.type === GROUP);
    if (inner.length) for (const one of inner) walk(top, [...words, one.name], one);
    else found.push({ name: words.join(" "), top: top.name, description: node.description, options: node.options ?? [] });
  };
  for (const command of commands) if ((command.type ?? 1) === 1) walk(command, [command.name], command);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export class Composer {
  constructor(nodes, view) {
    Object.assign(this, nodes);
    this.view = view;
    this.command = null;
    this.chips = [];
    this.items = [];
    this.hand = -1;
    this.asked = 0;
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.keys(event, null));
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    document.addEventListener("pointerdown", (event) => { if (!this.foot.contains(event.target)) this.hide(); });
  }

  typed() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 200)}px`;
    this.view.typing();
    if (this.command) { this.text.value = ""; this.offerOptions(); return; }
    const words = this.text.value;
    if (words.startsWith("/") && !words.includes("\n")) this.offerCommands(words.slice(1).toLowerCase());
    else this.hide();
  }

  // --- the list above the composer

  show(groups, hand) {
    this.items = groups.flatMap((group) => group.items);
    this.popup.replaceChildren();
    let place = 0;
    for (const group of groups) {
      if (group.title) this.popup.append(el("h4", {}, group.title));
      for (const item of group.items) {
        const mine = place;
        place += 1;
        this.popup.append(el("div", { class: "pick", role: "option", id: `pick${mine}`, on: { pointerdown: (event) => { event.preventDefault(); item.act(); }, pointermove: () => this.point(mine) } },
          el("b", {}, item.label), item.note ? el("small", {}, item.note) : null, ...(item.tags ?? []).map((tag) => el("i", {}, tag))));
      }
    }
    this.popup.hidden = !this.items.length;
    this.point(this.items.length ? hand : -1);
    this.popup.scrollTop = 0;
  }

  point(place) {
    this.hand = place;
    for (const node of this.popup.querySelectorAll(".pick")) {
      const here = node.id === `pick${place}`;
      node.classList.toggle("at-hand", here);
      node.setAttribute("aria-selected", String(here));
      if (here) node.scrollIntoView({ block: "nearest" });
    }
    const focused = document.activeElement;
    if (this.foot.contains(focused)) focused.setAttribute("aria-activedescendant", place < 0 ? "" : `pick${place}`);
  }

  hide() {
    this.items = [];
    this.hand = -1;
    this.popup.hidden = true;
  }

  offerCommands(words) {
    const groups = new Map();
    for (const leaf of this.view.commands()) {
      if (!words.trimEnd().split(/\s+/).every((word) => leaf.name.toLowerCase().includes(word))) continue;
      const item = { label: `/${leaf.name}`, note: leaf.description, tags: leaf.options.filter((one) => one.required).map((one) => one.name), act: () => this.choose(leaf) };
      const title = this.view.commands().some((other) => other !== leaf && other.top === leaf.top) ? `/${leaf.top}` : this.view.botName();
      groups.set(title, [...(groups.get(title) ?? []), item]);
    }
    const listed = [...groups].map(([title, items]) => ({ title, items }));
    const exact = (group) => group.items.some((item) => item.label.slice(1).startsWith(words)) ? 0 : 1;
    listed.sort((a, b) => exact(a) - exact(b));
    this.show(listed, 0);
  }

  // --- a chosen command and its options

  choose(leaf) {
    this.command = leaf;
    this.text.value = "";
    this.hide();
    this.chips = [];
    this.holder.replaceChildren(el("span", { class: "command" }, `/${leaf.name}`));
    this.view.replyTo(null);
    for (const option of leaf.options.filter((one) => one.required)) this.add(option, false);
    this.text.placeholder = "";
    this.onward();
  }

  add(option, focus = true) {
    const input = el("input", { "aria-label": `${option.name}: ${option.description ?? ""}`, id: `option-${option.name}`, spellcheck: "false", autocomplete: "off", role: "combobox", "aria-controls": "popup" });
    const node = el("span", { class: "chip" }, el("label", { for: input.id }, option.name), input);
    const chip = { option, input, node, value: undefined };
    input.addEventListener("focus", () => this.offerValues(chip));
    input.addEventListener("input", () => { chip.value = undefined; node.classList.remove("wrong"); this.offerValues(chip); });
    input.addEventListener("keydown", (event) => this.keys(event, chip));
    this.chips.push(chip);
    this.holder.append(node);
    if (focus) input.focus();
  }

  drop(chip) {
    this.chips = this.chips.filter((one) => one !== chip);
    chip.node.remove();
    this.text.focus();
    this.offerOptions();
  }

  onward() {
    const empty = this.chips.find((chip) => chip.option.required && !chip.input.value);
    if (empty) empty.input.focus();
    else { this.text.focus(); this.offerOptions(); }
  }

  offerOptions() {
    const left = this.command.options.filter((one) => !this.chips.some((chip) => chip.option === one));
    const items = left.map((one) => ({ label: one.name, note: one.description, act: () => this.add(one) }));
    this.show([{ title: items.length ? `Options of /${this.command.name}` : "", items }], -1);
  }

  async offerValues(chip) {
    const { option } = chip;
    const words = chip.input.value.toLowerCase();
    const ask = ++this.asked;
    let values = option.choices ?? [];
    if (option.autocomplete) {
      if (!words) this.hide();
      await new Promise((done) => setTimeout(done, 120));
      if (ask !== this.asked) return;
      const found = await this.view.autocomplete(this.command.name, option.name, chip.input.value, this.values());
      if (ask !== this.asked || document.activeElement !== chip.input) return;
      values = Array.isArray(found) ? found : found?.choices ?? [];
    } else if (option.type === 5) values = [{ name: "True", value: true }, { name: "False", value: false }];
    else if (option.type === 6 || option.type === 9) values = this.view.people().map((one) => ({ name: one.name, value: one.id }));
    else if (option.type === 7) values = this.view.channels().map((one) => ({ name: `#${one.name}`, value: one.id }));
    else if (option.type === 8) values = this.view.roles().map((one) => ({ name: `@${one.name}`, value: one.id }));
    if (!option.autocomplete && chip.value === undefined) values = values.filter((one) => one.name.toLowerCase().includes(words));
    const items = values.slice(0, LIMIT).map((one) => ({ label: one.name, act: () => { chip.value = one.value; chip.input.value = one.name; chip.node.classList.remove("wrong"); this.asked += 1; this.onward(); } }));
    const title = option.description ? `${option.name} · ${option.description}` : option.name;
    if (items.length) this.show([{ title, items }], 0);
    else this.hide();
  }

  values() {
    const given = {};
    for (const chip of this.chips) {
      const value = chip.value ?? this.read(chip);
      if (value !== undefined && value !== "") given[chip.option.name] = value;
    }
    return given;
  }

  read(chip) {
    const text = chip.input.value.trim();
    const named = (chip.option.choices ?? []).find((one) => one.name.toLowerCase() === text.toLowerCase());
    if (named) return named.value;
    if (chip.option.type === 4) return /^-?\d+$/.test(text) ? parseInt(text, 10) : undefined;
    if (chip.option.type === 10) return text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    if (chip.option.type >= 5 && chip.option.type <= 9) return undefined;
    return chip.option.choices ? undefined : text;
  }

  keys(event, chip) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing) return;
    if (this.items.length && event.key in moves) {
      event.preventDefault();
      this.point((this.hand + moves[event.key] + this.items.length) % this.items.length);
    } else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey && this.items.length)) {
      event.preventDefault();
      const place = event.key === "Tab" ? Math.max(0, this.hand) : this.hand;
      const settled = chip && (chip.value !== undefined || (chip.option.autocomplete && !this.items.length));
      if (place >= 0 && this.items[place] && !(settled && event.key === "Enter")) this.items[place].act();
      else this.send();
    } else if (event.key === "Escape") {
      if (!this.popup.hidden && !this.command) this.hide();
      else { this.clear(); this.view.replyTo(null); }
    } else if (event.key === "Backspace" && !event.target.value) {
      if (chip) { event.preventDefault(); this.drop(chip); }
      else if (this.chips.length) this.chips.at(-1).input.focus();
      else if (this.command) this.clear();
    }
  }

  clear() {
    this.command = null;
    this.chips = [];
    this.holder.replaceChildren();
    this.text.value = "";
    this.text.style.height = "auto";
    this.text.placeholder = this.view.placeholder();
    this.hide();
    this.text.focus();
  }

  async send() {
    if (this.command) {
      const given = this.values();
      const wrong = this.chips.filter((chip) => given[chip.option.name] === undefined && (chip.option.required || chip.input.value));
      for (const chip of wrong) chip.node.classList.add("wrong");
      if (wrong.length) { wrong[0].input.focus(); return; }
      const { name } = this.command;
      this.clear();
      await this.view.run(name, given);
      return;
    }
    const words = this.text.value.trim();
    if (!words) return;
    this.clear();
    await this.view.say(words);
  }
}
