// Moving charts: the same lines, with a word at each point and a part that can be looked at closely.

import { el } from "./element.js";
import { local } from "./words.js";

let loading = null;

// The library comes from its own package on this server, once it is needed. Both of its style sheets would be put into
// the page, which the page does not allow: where their places are taken it does not try. Ours are in style.css.
async function library(version) {
  const address = `/library/plotly.js?v=${encodeURIComponent(version)}`;
  const text = await (await fetch(address, { credentials: "same-origin" })).text();
  const taken = ["plotly.js-style-global", ...[...text.matchAll(/getElementById\("([0-9a-f]{64})"\)/g)].map(([, id]) => id)];
  document.head.append(...taken.map((id) => el("meta", { id, class: "no-inline-styles" })));
  await new Promise((resolve, reject) => {
    const fail = () => reject(new Error("The library of moving charts cannot be loaded."));
    document.head.append(el("script", { src: address, onload: resolve, onerror: fail }));
  });
  return globalThis.Plotly;
}

// A point without neighbours is no line: it gets a mark, the others none.
function alone(values, size) {
  const known = (place) => (values[place] ?? null) !== null;
  return values.map((_, place) => (known(place) && !known(place - 1) && !known(place + 1) ? size : 0));
}

export async function draw(ground, lines, version) {
  loading ??= library(version);
  const plotly = await loading;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const shades = [colour("accent"), colour("accent-dim"), colour("other")];
  const shown = lines.of.filter((line) => !line.hidden && line.values.some((one) => one !== null));
  const traces = shown.map((line, place) => {
    const shade = line.main ? shades[0] : shades[1 + (place % 2)];
    const look = line.bars ? { type: "bar", marker: { color: shade } }
      : { type: "scatter", mode: "lines+markers", connectgaps: false, line: { color: shade, width: line.main ? 3 : 1.5 },
        marker: { color: shade, size: alone(line.values, line.main ? 9 : 7), line: { width: 0 } } };
    return { name: line.name, x: lines.at.map(local), y: line.values, text: line.values.map((one) => line.say(one)),
      textposition: "none", hovertemplate: "%{text}", ...look };
  });
  // Marks would make room for themselves beyond the window.
  const ends = shown.some((line) => line.bars) ? {} : { range: [local(lines.at[0]), local(lines.at.at(-1))] };
  const axis = { color: colour("mute"), gridcolor: colour("grid"), zeroline: false, fixedrange: false };
  const layout = () => ({
    paper_bgcolor: "transparent", plot_bgcolor: "transparent", margin: { l: 52, r: 12, t: 12, b: 40 },
    font: { family: "Roboto, system-ui, sans-serif", size: 13, color: colour("soft") }, barmode: "stack",
    hovermode: "x unified", hoverlabel: { bgcolor: colour("panel"), font: { color: colour("text") } },
    showlegend: shown.length > 1, legend: { orientation: "h", y: 1.14, x: 0 },
    xaxis: { ...axis, type: "date", showgrid: false, tickangle: 0, nticks: ground.clientWidth < 420 ? 5 : 8, ...ends },
    yaxis: { ...axis, rangemode: "tozero", fixedrange: true, ticksuffix: lines.of[0].unit ?? "" },
  });
  // It measures the ground, which is in the page only a moment later.
  requestAnimationFrame(() => plotly.newPlot(ground, traces, layout(), { displayModeBar: false, responsive: true }));
}
