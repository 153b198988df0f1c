// Pictures to streams and back, in the thread that loads this file: a worker, mostly.
import { EngineError } from "./errors.js";
import { inspect } from "./inspect.js";
import { addressOf } from "./models.js";
import { checkedBytes, fetchBytes, libtcs } from "./module.js";
import { requirePixels, rgbOf, rgbaOf, withMemory } from "./pixels.js";
import { enlarged, reduced } from "./resample.js";
import { bestStream, halvings, scaleForQuality } from "./scales.js";
import { halfToEven, smallSize } from "./small.js";
import { Level } from "./text_size.js";

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

// A picture at one size, on its way to streams, each made once.
class Sized {
  #module;
  #place;

  constructor({ module, place }, image, rgb, scale, small, adaptive) {
    const coded = codedSize(image, scale, small);
    const same = coded.width === image.width && coded.height === image.height;
    const pixels = same ? rgb : reduced(rgb, image, coded);
    const sizes = [coded.width, coded.height, image.width, image.height, Number(small)];
    this.#module = module;
    this.#place = handleOf(module.call("tcs_web_encoder_open", place, pixels, ...sizes));
    this.coded = coded;
    this.scale = small ? coded.width / image.width : scale;
    this.stream = this.#remembering(adaptive);
    this.plain = adaptive ? this.#remembering(false) : this.stream;
  }

  #remembering(adaptive) {
    const made = new Map();
    return (quality) => {
      if (!made.has(quality)) {
        made.set(quality, this.#module.call("tcs_web_encode", this.#place, quality, Number(adaptive)));
      }
      return made.get(quality);
    };
  }

  // What the detector says of text; null of a model that has none.
  level(quality) {
    const planes = this.#module.call("tcs_web_encoder_text", this.#place, quality);
    if (planes.length === 0) return null;
    const [width, height] = [this.coded.width, this.coded.height].map((side) => Math.ceil(side / 16));
    return new Level(this.scale, new Float32Array(planes.buffer), width, height);
  }

  close() {
    if (!this.#module.broken) this.#module.number("tcs_web_encoder_close", this.#place);
  }
}

/** The stream of a picture. */
export async function encode({ source, image, options }) {
  const codec = await codecOf(source, "analysis");
  const { quality, maxBytes, adaptive = true, small = false, scale = "auto", background } = options;
  const scales = scale === "auto" ? halvings(image) : [scale];
  const sized = new Map();
  return withMemory(() => {
    const rgb = rgbOf(image.data, background);
    const at = (each) => {
      if (!sized.has(each)) sized.set(each, new Sized(codec, image, rgb, each, small, adaptive));
      return sized.get(each);
    };
    try {
      if (maxBytes !== undefined) return bestStream(at, scales, maxBytes, quality ?? 63);
      const wanted = quality ?? codec.manifest.default_quality;
      return at(scaleForQuality(at, scales, wanted)).stream(wanted);
    } finally {
      for (const each of sized.values()) each.close();
    }
  });
}

/** What a worker can be asked for, by name. */
export const JOBS = { open, close, decode, encode };
