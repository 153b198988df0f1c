// Pictures to streams and back, in the thread that loads this file: a worker, mostly.
import { EngineError } from "./errors.js";
import { inspect } from "./inspect.js";
import { addressOf } from "./models.js";
import { checkedBytes, fetchBytes, libtcs } from "./module.js";
import { requirePixels, rgbOf, rgbaOf, withMemory } from "./pixels.js";
import { enlarged, reduced } from "./resample.js";
import { bestStream } from "./search.js";
import { halfToEven, smallSize } from "./small.js";

const opened = new Map(); // of this thread: source and direction -> promise of a codec

async function manifestOf(source) {
  const bytes = await fetchBytes(addressOf(source, "manifest.json"));
  try {
    const manifest = JSON.parse(new TextDecoder().decode(bytes));
    const { synthesis, analysis } = manifest.precisions.packed;
    return { ...manifest, nets: { synthesis, analysis } };
  } catch (cause) {
    throw new EngineError(
      "manifest.json: expected one of a model with packed nets; make them with: " +
        "python -m tcsdk.export FOLDER --target libtcs",
      { cause },
    );
  }
}

async function load(source, direction) {
  const manifest = await manifestOf(source);
  const of = (name) => checkedBytes(addressOf(source, name), manifest.sha256[name]);
  const [bundle, net] = await Promise.all([of(manifest.bundle), of(manifest.nets[direction])]);
  const module = await libtcs();
  const place = handleOf(module.call("tcs_web_codec_open", bundle, net));
  return { module, place, manifest };
}

function handleOf(answer) {
  return new DataView(answer.buffer).getUint32(0, true);
}

function keyOf(source, direction) {
  return `${direction} ${JSON.stringify(source)}`;
}

// A codec of a module that broke meanwhile is opened anew.
async function codecOf(source, direction) {
  const key = keyOf(source, direction);
  const known = await opened.get(key);
  if (known && !known.module.broken) return known;
  const codec = load(source, direction);
  opened.set(key, codec);
  codec.catch(() => opened.delete(key));
  return codec;
}

/** Fetches and checks what a direction needs: "synthesis" to decode, "analysis" to encode. */
export async function open({ source, direction }) {
  const { manifest } = await codecOf(source, direction);
  return { family: manifest.family, defaultQuality: manifest.default_quality };
}

/** Gives memory back. */
export async function close({ source, direction }) {
  const key = keyOf(source, direction);
  const codec = await opened.get(key);
  opened.delete(key);
  if (codec && !codec.module.broken) codec.module.number("tcs_web_codec_close", codec.place);
}

/** The picture of a stream, as it is shown. */
export async function decode({ source, stream }) {
  const { codedWidth, codedHeight, width, height } = await inspect(stream);
  requirePixels("the stream declares", { width, height });
  const { module, place } = await codecOf(source, "synthesis");
  return withMemory(() => {
    const rgb = module.call("tcs_web_decode", place, stream);
    const coded = { width: codedWidth, height: codedHeight };
    const same = codedWidth === width && codedHeight === height;
    const data = rgbaOf(same ? rgb : enlarged(rgb, coded, { width, height }));
    return { width, height, codedWidth, codedHeight, data };
  });
}

function codedSize({ width, height }, scale, small) {
  if (scale === 1) return { width, height };
  if (small) return smallSize({ width, height }, scale);
  const part = (side) => Math.max(1, halfToEven(side * scale));
  return { width: part(width), height: part(height) };
}

/** The stream of a picture. */
export async function encode({ source, image, options }) {
  const { module, place, manifest } = await codecOf(source, "analysis");
  const { quality, maxBytes, adaptive = true, small = false, scale = 1, background } = options;
  return withMemory(() => {
    const coded = codedSize(image, scale, small);
    const whole = rgbOf(image.data, background);
    const same = coded.width === image.width && coded.height === image.height;
    const rgb = same ? whole : reduced(whole, image, coded);
    const sizes = [coded.width, coded.height, image.width, image.height];
    const encoder = handleOf(module.call("tcs_web_encoder_open", place, rgb, ...sizes, Number(small)));
    try {
      const make = (finer) => (at) => module.call("tcs_web_encode", encoder, at, Number(finer));
      if (maxBytes === undefined) return make(adaptive)(quality ?? manifest.default_quality);
      return bestStream(make(adaptive), make(false), maxBytes, quality ?? 63);
    } finally {
      if (!module.broken) module.number("tcs_web_encoder_close", encoder);
    }
  });
}

/** What a worker can be asked for, by name. */
export const JOBS = { open, close, decode, encode };
