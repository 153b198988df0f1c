// What a stream says of itself, without a model.
import { CorruptStreamError } from "./errors.js";
import { MODELS, shortHash } from "./models.js";
import { bytesOf, libtcs } from "./module.js";

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

/** Describes a stream; loads no model and decodes no pixel. Throws BitstreamError. */
export async function inspect(data) {
  const module = await libtcs();
  const stream = bytesOf(data);
  const said = JSON.parse(new TextDecoder().decode(module.call("tcs_web_inspect", stream)));
  refuseFaults(said.chunks);
  const layers = said.layers.map((layer) => layerOf(layer, said, module));
  const [first] = layers;
  const { bundleHash, bundleCheck, layered, ...rest } = said;
  return {
    ...rest,
    bpp: (8 * said.bytes) / (said.width * said.height),
    family: first.family,
    bundle: first.bundle,
    tiles: Math.ceil(said.codedWidth / said.tileSize) * Math.ceil(said.codedHeight / said.tileSize),
    layers,
    chunks: said.chunks.map(({ type, bytes }) => ({ type, name: nameOf(type), bytes })),
    text: said.text && { verified: said.text.verified, lines: said.text.lines.map(lineOf) },
    metadata: metadataOf(stream, said.chunks),
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
