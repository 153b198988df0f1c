// Streams of pictures.
import { Coder } from "./coder.js";
import { kept } from "./decoder.js";
import { checkedOptions } from "./options.js";
import { checkedImage } from "./pixels.js";

/** Encodes pictures by one model. */
export class Encoder extends Coder {
  static direction = "analysis";

  /** Fetches entropy bundle and analysis net of a model folder and checks their SHA-256. */
  static open(folder, options) {
    return Coder.load(Encoder, folder, options);
  }

  /** The stream of ImageData: of a quality, or the best one of at most `maxBytes`. */
  async encode(image, { signal, ...options } = {}) {
    const given = { image: checkedImage(image), options: checkedOptions(options) };
    return this.job("encode", given, signal);
  }
}

const held = new Map();

/** Encodes ImageData by the package's own model, or by that of a folder, which stays loaded. */
export async function encode(image, { model, signal, worker, ...options } = {}) {
  checkedImage(image);
  checkedOptions(options);
  const encoder = await kept(held, Encoder, model, { signal, worker });
  return encoder.encode(image, { signal, ...options });
}
