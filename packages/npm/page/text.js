// The lines that a stream carries: where they stand, what they say, and how far to believe it.
import { at, draw, make } from "./dom.js";

const MEANINGS = {
  sent: "sent: this is what was read before the picture was made small",
  verified: "verified: the small picture reads as the original",
  doubtful: "doubtful: do not rely on what is seen there",
  none: "nothing is said about it",
};
const NOTES = {
  none: "This stream carries no text.",
  verified: "All lines that are not listed read as in the original.",
  listed: "Lines that are not listed were not compared.",
};

function noteOf(text) {
  if (!text) return NOTES.none;
  return text.verified ? NOTES.verified : NOTES.listed;
}

// A string along the middle of its place, as wide as that.
function label({ text, polygon: [a, b, , d] }) {
  const width = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const height = Math.hypot(d[0] - a[0], d[1] - a[1]);
  const turn = (Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI;
  const attributes = {
    x: 0,
    y: height / 2,
    "font-size": height * 0.72,
    textLength: width,
    lengthAdjust: "spacingAndGlyphs",
    transform: `translate(${a[0]} ${a[1]}) rotate(${turn})`,
  };
  return draw("text", attributes, text);
}

function mapOf({ width, height }, lines) {
  const placed = lines.filter(({ polygon }) => polygon);
  const places = placed.flatMap((line) => {
    const place = draw("polygon", { class: `place ${line.state}`, points: line.polygon.join(" ") });
    return line.text ? [place, label(line)] : [place];
  });
  const said = `Where ${placed.length} lines stand in the picture; the list below says the same.`;
  const box = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said };
  return draw("svg", box, ...places);
}

function item({ text, state, confidence }) {
  const sure = text === null ? "" : `, sure to ${Math.round(100 * confidence)} %`;
  const [word, ...rest] = MEANINGS[state].split(":");
  const meaning = [make("span", { class: `state ${state}` }, word), rest.length ? `:${rest}` : "", sure];
  return make("li", {}, text === null ? "not sent" : make("code", {}, text), " — ", ...meaning);
}

export function showText(info) {
  const lines = info.text?.lines ?? [];
  at("text-note").textContent = noteOf(info.text);
  const placed = lines.some(({ polygon }) => polygon);
  at("map").replaceChildren(...(placed ? [mapOf(info, lines)] : []));
  at("marks-box").hidden = !placed;
  at("lines").replaceChildren(...lines.map(item));
}
