// A line of the last 25 minutes that goes on by itself.

import { el, write } from "./element.js";

const WIDTH = 240;
const HEIGHT = 64;

export class Spark {
  // say: words of a value; the newest stands beside the heading.
  constructor(heading, say) {
    this.say = say;
    this.path = el("path", {});
    this.newest = el("span", {});
    this.from = el("span", {});
    this.summary = el("title", {}, heading);
    const ground = el("path", { class: "ground", d: `M0 ${HEIGHT - 1}H${WIDTH}` });
    const picture = el("svg", { class: "line", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      this.summary, ground, this.path);
    this.heading = heading;
    this.node = el("div", {}, el("h3", {}, heading), picture, el("div", { class: "ends" }, this.from, this.newest));
  }

  show(values) {
    const known = values.filter((value) => value !== null);
    if (!known.length) {
      this.path.setAttribute("d", "");
      write(this.newest, "nothing in the last 25 minutes");
      write(this.summary, `${this.heading}: nothing in the last 25 minutes`);
      return;
    }

    const most = Math.max(...known);
    let drawn = "";
    let pen = "M";
    values.forEach((value, place) => {
      if (value === null) {
        pen = "M";
        return;
      }
      const x = (place / Math.max(values.length - 1, 1)) * WIDTH;
      const y = HEIGHT - 3 - (value / (most || 1)) * (HEIGHT - 8);
      // A dot where a value stands alone.
      drawn += `${pen}${x.toFixed(1)} ${y.toFixed(1)}${pen === "M" ? "h.01" : ""}`;
      pen = "L";
    });
    this.path.setAttribute("d", drawn);
    write(this.from, "25 min ago");
    write(this.newest, `most ${this.say(most)}`);
    write(this.summary, `${this.heading}: between ${this.say(Math.min(...known))} and ${this.say(most)} in the last 25 minutes`);
  }
}
