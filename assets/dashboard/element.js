// Nodes are made of names and text, never of markup, so that nothing a person wrote can act.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "line", "title"]);

export function el(name, attributes = {}, ...children) {
  const node = DRAWN.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }

  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Puts text in only where it is another one, so that screen readers and selections are left alone.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
