// Two pictures, one over the other, with a divider between what is seen of each.
import { at, make } from "./dom.js";

const NAMES = { original: "original", tcs: "tcsdk", avif: "AVIF" };
const panes = new Map(); // name -> {canvas, said}
const choice = { left: null, right: null };
let size = { width: 1, height: 1 };

// What a person chose, or what is seen without a choice.
function chosen(side, preferred) {
  const names = [...panes.keys()];
  return [choice[side], ...preferred].find((name) => names.includes(name)) ?? names[0];
}

function list(side, ...preferred) {
  const now = chosen(side, preferred);
  const options = [...panes.keys()].map((name) => {
    const option = make("option", { value: name }, NAMES[name]);
    option.selected = name === now;
    return option;
  });
  at(`${side}-pane`).replaceChildren(...options);
}

function draw(id, name) {
  const canvas = at(id);
  const pane = panes.get(name);
  Object.assign(canvas, size);
  canvas.hidden = !pane;
  if (!pane) return;
  canvas.getContext("2d").drawImage(pane.canvas, 0, 0, size.width, size.height);
  canvas.setAttribute("aria-label", `${NAMES[name]}: ${pane.said}`);
}

function redraw() {
  const both = panes.size > 1;
  draw("left", both ? at("left-pane").value : null);
  draw("right", at("right-pane").value);
  at("left-said").textContent = panes.get(at("left-pane").value)?.said ?? "";
  at("right-said").textContent = panes.get(at("right-pane").value)?.said ?? "";
  for (const id of ["left-box", "divider", "divider-line"]) at(id).hidden = !both;
  at("stage").hidden = panes.size === 0;
  moveDivider();
}

function moveDivider() {
  const part = `${at("divider").value}%`;
  at("sides").style.setProperty("--part", part);
  at("divider").setAttribute("aria-valuetext", `${at("divider").value} % of the left picture`);
}

function zoom() {
  const times = Number(at("zoom").value);
  const { width, height } = size;
  const fit = `min(100%, calc(36rem * ${width / height}), ${4 * width}px)`;
  at("sides").style.width = times ? `${(times * width) / devicePixelRatio}px` : fit;
  at("sides").style.aspectRatio = `${width} / ${height}`;
  at("sides").classList.toggle("large", times > 1);
}

/** A canvas with ImageData on it. */
export function canvasOf({ width, height, data }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}

/** A canvas with another picture on it, in the size of what is shown. */
export function drawnOf(picture) {
  const canvas = Object.assign(document.createElement("canvas"), size);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, size.width, size.height);
  return canvas;
}

/** Shows no picture; the next ones have this size. */
export function clearPanes(width, height) {
  panes.clear();
  Object.assign(choice, { left: null, right: null });
  size = { width, height };
  at("stage").hidden = true;
  zoom();
}

/** Puts a picture in, or takes it out: null. */
export function setPane(name, canvas, said = "") {
  if (canvas) panes.set(name, { canvas, said });
  else panes.delete(name);
  list("left", "original");
  list("right", "tcs");
  redraw();
}

/** Chooses what is seen on the left. */
export function chooseLeft(name) {
  if (!panes.has(name)) return;
  choice.left = at("left-pane").value = name;
  redraw();
}

/** [name, {canvas, said}] of all that can be seen. */
export function shownPanes() {
  return [...panes].map(([name, pane]) => [name, NAMES[name], pane]);
}

/** Lets a person move the divider, choose pictures and zoom. */
export function startView() {
  at("divider").addEventListener("input", moveDivider);
  for (const side of ["left", "right"]) {
    at(`${side}-pane`).addEventListener("change", ({ target }) => {
      choice[side] = target.value;
      redraw();
    });
  }
  at("zoom").addEventListener("change", zoom);
  at("marks").addEventListener("change", () => (at("map").hidden = !at("marks").checked));
}
