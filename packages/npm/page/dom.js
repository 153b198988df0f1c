// Elements made of tables: what a stream says is put in as text only, never as markup.
const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An element of HTML with attributes and children, strings among them. */
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

export function at(id) {
  return document.getElementById(id);
}

/** A row of a table; numbers stand to the right. */
export function row(...cells) {
  const cell = (value) =>
    typeof value === "number"
      ? make("td", { class: "n" }, value.toLocaleString("en"))
      : make("td", {}, value);
  return make("tr", {}, ...cells.map(cell));
}
