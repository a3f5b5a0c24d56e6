// Moving charts: the same lines, with a word at each point and a part that can be looked at closely.

let loading = null;

// The library comes from its own package on this server, once it is needed.
function library(version) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `/library/plotly.js?v=${encodeURIComponent(version)}`;
    script.onload = () => resolve(globalThis.Plotly);
    script.onerror = () => reject(new Error("The library of moving charts cannot be loaded."));
    document.head.append(script);
  });
  return loading;
}

export async function draw(ground, lines, version) {
  const plotly = await library(version);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const shades = [colour("accent"), colour("accent-dim"), colour("other")];
  const shown = lines.of.filter((line) => !line.hidden);
  const traces = shown.map((line, place) => {
    const shade = line.main ? shades[0] : shades[1 + (place % 2)];
    const look = line.bars ? { type: "bar", marker: { color: shade } }
      : { type: "scatter", mode: "lines", connectgaps: false, line: { color: shade, width: line.main ? 3 : 1.5 } };
    return { name: line.name, x: lines.at, y: line.values, text: line.values.map((one) => line.say(one)),
      textposition: "none", hovertemplate: "%{text}", ...look };
  });
  const axis = { color: colour("mute"), gridcolor: colour("grid"), zeroline: false, fixedrange: false };
  const layout = {
    paper_bgcolor: "transparent", plot_bgcolor: "transparent", margin: { l: 48, r: 12, t: 8, b: 36 },
    font: { family: "Roboto, system-ui, sans-serif", size: 13, color: colour("soft") }, barmode: "stack",
    hovermode: "x unified", hoverlabel: { bgcolor: colour("panel"), font: { color: colour("text") } },
    showlegend: shown.length > 1, legend: { orientation: "h", y: 1.12, x: 0 },
    xaxis: { ...axis, type: "date", showgrid: false }, yaxis: { ...axis, rangemode: "tozero", fixedrange: true },
  };
  // It measures the ground, which is in the page only a moment later.
  requestAnimationFrame(() => plotly.newPlot(ground, traces, layout, { displayModeBar: false, responsive: true }));
}
