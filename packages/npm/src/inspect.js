// What a stream says of itself, without a model.
import { CorruptStreamError } from "./errors.js";
import { MODELS, shortHash } from "./models.js";
import { bytesOf, checkedBytes, libtcs } from "./module.js";

const NAMES = new Map([
  [0x01, "tile"],
  [0x03, "text"],
  [0x04, "layer"],
  [0x05, "quality map"],
  [0x81, "icc"],
  [0x82, "exif"],
  [0x83, "user"],
  [0x84, "size"],
  [0x85, "text"],
]);
const STATES = ["none", "verified", "doubtful", "sent"];
const SUREST = 7;

// The character model of sent text, loaded with the first stream that carries some.
const TEXT_MODEL = new URL("../dist/text_model.bin", import.meta.url);
const TEXT_MODEL_HASH = "ee127feca57f02d90550490d11cd1cfa4c267ee97ed9d3d4579b7ae0d3d3f031";

async function said(module, stream) {
  const answer = () => JSON.parse(new TextDecoder().decode(module.call("tcs_web_inspect", stream)));
  const first = answer();
  if (first.text !== true) return first;
  module.call("tcs_web_text_model", await checkedBytes(TEXT_MODEL, TEXT_MODEL_HASH));
  return answer();
}

/** Describes a stream; loads no model and decodes no pixel. Throws BitstreamError. */
export async function inspect(data) {
  const module = await libtcs();
  const stream = bytesOf(data);
  const told = await said(module, stream);
  refuseFaults(told.chunks);
  const layers = told.layers.map((layer) => layerOf(layer, told, module));
  const [first] = layers;
  const { bundleHash, bundleCheck, layered, ...rest } = told;
  return {
    ...rest,
    bpp: (8 * told.bytes) / (told.width * told.height),
    family: first.family,
    bundle: first.bundle,
    tiles: Math.ceil(told.codedWidth / told.tileSize) * Math.ceil(told.codedHeight / told.tileSize),
    layers,
    chunks: told.chunks.map(({ type, bytes }) => ({ type, name: nameOf(type), bytes })),
    text: told.text && { verified: told.text.verified, lines: told.text.lines.map(lineOf) },
    metadata: metadataOf(stream, told.chunks),
  };
}

function nameOf(type) {
  return NAMES.get(type) ?? "unknown";
}

function refuseFaults(chunks) {
  const bad = chunks.find((chunk) => chunk.fault !== 0);
  if (bad) {
    const type = bad.type.toString(16).padStart(2, "0");
    throw new CorruptStreamError(`chunk 0x${type}: wrong checksum (payload at offset ${bad.offset})`);
  }
}

function layerOf(layer, said, module) {
  const { quality, wireId, bundleHash, bytes } = layer;
  const named = !said.small && !said.bare;
  const candidates = MODELS.filter((model) => model.wireId === wireId);
  const fits = ({ bundle }) =>
    said.bare ||
    (said.small
      ? module.number("tcs_web_bundle_check", shortHash(bundle)) === said.bundleCheck
      : shortHash(bundle) === bundleHash);
  const model = candidates.find(fits);
  if (said.small && candidates.length > 0 && !model) {
    throw new CorruptStreamError(
      `expected the check of a small stream of ${candidates[0].family}, came another: the stream ` +
        "is damaged, or of another release of that model; ask for it again",
    );
  }
  const bundle = named ? hexOf(bundleHash) : null;
  return { quality, wireId, family: model?.family ?? null, bundle, bytes };
}

function hexOf(hash) {
  const big = hash.toString(16).padStart(8, "0");
  return big.match(/../g).reverse().join("");
}

function lineOf({ text, polygon, state, sureness }) {
  return { text, polygon, state: STATES[state], confidence: sureness / SUREST };
}

// What was kept beside the pixels; null where there is nothing.
function metadataOf(stream, chunks) {
  const kept = { icc: 0x81, exif: 0x82, user: 0x83 };
  const of = (type) => {
    const chunk = chunks.find((each) => each.type === type);
    return chunk ? stream.slice(chunk.offset, chunk.offset + chunk.bytes) : null;
  };
  return Object.fromEntries(Object.entries(kept).map(([name, type]) => [name, of(type)]));
}
