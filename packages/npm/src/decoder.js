// Pictures of streams.
import { Coder } from "./coder.js";
import { EngineError } from "./errors.js";
import { inspect } from "./inspect.js";
import { OWN } from "./models.js";
import { bytesOf } from "./module.js";

/** Decodes streams of one model. */
export class Decoder extends Coder {
  static direction = "synthesis";

  /** Fetches entropy bundle and synthesis net of a model folder and checks their SHA-256. */
  static open(folder, options) {
    return Coder.load(Decoder, folder, options);
  }

  /** The picture as it is shown: {width, height, data} with RGBA, as ImageData takes it. */
  decode(data, { signal } = {}) {
    return this.job("decode", { stream: bytesOf(data) }, signal);
  }
}

const held = new Map(); // of decode(): folder and thread -> promise of a decoder

async function requireOwn(stream) {
  const { family, wireId } = await inspect(stream);
  if (family === OWN) return;
  throw new EngineError(
    `this stream is of ${family ?? `a model unknown here (wire id ${wireId})`}, the package has ` +
      `${OWN} alone; pass model: the address of that model's folder`,
  );
}

/** Decodes a stream by the package's own model, or by that of a folder, which stays loaded. */
export async function decode(data, { model, signal, worker } = {}) {
  const stream = bytesOf(data);
  if (model === undefined) await requireOwn(stream);
  const decoder = await kept(held, Decoder, model, { signal, worker });
  const picture = await decoder.decode(stream, { signal });
  const Made = globalThis.ImageData;
  return Made ? new Made(picture.data, picture.width, picture.height) : picture;
}

/** A coder of a model, opened once. */
export async function kept(all, kind, model, { signal, worker = true }) {
  const key = `${worker} ${model}`;
  const opening = all.get(key) ?? kind.open(model, { signal, worker });
  all.set(key, opening);
  try {
    return await opening;
  } catch (error) {
    all.delete(key);
    throw error;
  }
}
