// How many bytes, and at which part of its size: the encoding of the picture that was brought.
import { TargetTooSmallError, encode } from "./tcsdk/src/index.js";
import { at, make } from "./dom.js";

const [LEAST, MOST] = [100, 30_000]; // of the range, in equal factors
const PER_PIXEL = 700 / (256 * 512); // what a picture begins with
const PARTS = [1, 0.75, 0.5, 0.35, 0.25, 0.125];
const MOST_COUNTED = 400_000; // pixels; larger pictures begin with no more bytes
const PAUSE = 150; // milliseconds that a knob must rest

function placeOf(bytes) {
  return Math.round((100 * Math.log(bytes / LEAST)) / Math.log(MOST / LEAST));
}

function bytesAt(place) {
  const bytes = LEAST * (MOST / LEAST) ** (place / 100);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 1);
  return Math.round(bytes / step) * step;
}

function set(bytes) {
  at("bytes-exact").value = bytes;
  at("bytes").value = placeOf(bytes);
  at("bytes").setAttribute("aria-valuetext", `${bytes} bytes`);
}

/** Offers the sizes of a picture, and the one that suits its text. */
export function offerKnobs({ width, height }) {
  const sides = (part) => [width, height].map((side) => Math.max(1, Math.round(side * part)));
  const parts = PARTS.filter((part) => part === 1 || Math.min(...sides(part)) >= 32);
  const options = parts.map((part) => {
    const says = part === 1 ? "its full size" : `${100 * part} % of its size`;
    return make("option", { value: part }, `${says}, ${sides(part).join(" × ")}`);
  });
  at("scale").replaceChildren(make("option", { value: "auto" }, "the size that suits its text"), ...options);
  const counted = Math.min(width * height, MOST_COUNTED);
  set(bytesAt(placeOf(Math.min(Math.max(PER_PIXEL * counted, 300), MOST))));
  at("knobs").hidden = false;
}

/** The stream that the knobs ask for, and what is to be said where it had to be larger. */
export async function encoded(image, signal) {
  const chosen = at("scale").value;
  const scale = chosen === "auto" ? chosen : Number(chosen);
  const maxBytes = Number(at("bytes-exact").value);
  try {
    return { stream: await encode(image, { maxBytes, scale, signal }), note: "" };
  } catch (error) {
    if (!(error instanceof TargetTooSmallError)) throw error;
    const stream = await encode(image, { maxBytes: error.smallest, scale, signal });
    const asked = maxBytes.toLocaleString("en");
    const smaller = chosen === "auto" ? "" : " at this size";
    const note = `${asked} bytes are too few${smaller}: this is the smallest stream.`;
    return { stream, note };
  }
}

/** Calls `changed` when a knob was moved and rests. */
export function startKnobs(changed) {
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, PAUSE);
  };
  at("bytes").addEventListener("input", () => {
    set(bytesAt(Number(at("bytes").value)));
    soon();
  });
  at("bytes-exact").addEventListener("input", () => {
    if (!at("bytes-exact").checkValidity() || at("bytes-exact").value === "") return;
    at("bytes").value = placeOf(Number(at("bytes-exact").value));
    soon();
  });
  at("scale").addEventListener("change", soon);
}
