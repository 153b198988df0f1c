// The stream in a few lines, and where its bytes are.
import { at, draw, make, row } from "./dom.js";

function modelOf({ family, wireId, bundle }) {
  const name = family ?? `unknown here (wire id ${wireId})`;
  return bundle ? `${name}, bundle ${bundle}` : name;
}

function formatOf({ bare, small, version }) {
  if (bare) return "bare";
  return `version ${version.join(".")}${small ? ", small profile" : ""}`;
}

function rowsOf(info) {
  const [first, base] = info.layers;
  const rows = [
    ["Size", `${info.width} × ${info.height} pixels`],
    ["Bytes", `${info.bytes.toLocaleString("en")} (${info.bpp.toFixed(3)} bits a pixel)`],
    ["Model", modelOf(first)],
    ["Quality", `${first.quality} of 63`],
    ["Format", formatOf(info)],
    ["Tiles", String(info.tiles)],
  ];
  if (info.codedWidth !== info.width || info.codedHeight !== info.height) {
    rows.splice(1, 0, ["Coded at", `${info.codedWidth} × ${info.codedHeight}, enlarged when shown`]);
  }
  if (base) rows.push(["Second layer", `${modelOf(base)}, quality ${base.quality}`]);
  if (info.metadata.user) rows.push(["Note", new TextDecoder().decode(info.metadata.user)]);
  return rows;
}

export function showSummary(info) {
  const pairs = rowsOf(info).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  at("summary").replaceChildren(...pairs);
}

function partsOf({ bytes, layers, chunks }) {
  const of = (...names) =>
    chunks.filter(({ name }) => names.includes(name)).reduce((sum, chunk) => sum + chunk.bytes, 0);
  const named = [
    [layers[1] ? "first layer" : "picture", layers[0].bytes],
    ["second layer", layers[1]?.bytes ?? 0],
    ["text", of("text")],
    ["profile, EXIF, note", of("icc", "exif", "user")],
    ["other chunks", of("unknown", "layer", "size")],
  ];
  const rest = bytes - named.reduce((sum, [, size]) => sum + size, 0);
  return [["header and checks", rest], ...named];
}

export function showBytes(info) {
  const parts = partsOf(info).map(([name, size], index) => ({ name, size, index }));
  const shown = parts.filter(({ size }) => size > 0);
  let x = 0;
  const bars = shown.map(({ size, index }) => {
    x += size;
    return draw("rect", { class: `part-${index}`, x: x - size, y: 0, width: size, height: 1 });
  });
  const box = { viewBox: `0 0 ${info.bytes} 1`, preserveAspectRatio: "none" };
  at("bar").replaceChildren(draw("svg", box, ...bars));
  const rows = shown.map(({ name, size, index }) => {
    const label = make("span", {}, make("span", { class: `swatch part-${index}` }), name);
    return row(label, size);
  });
  at("parts").tBodies[0].replaceChildren(...rows);
}
