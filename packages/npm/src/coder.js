// What Decoder and Encoder share: a model for one direction, held until it is closed.
import { run } from "./crew.js";
import { ArgumentError } from "./errors.js";
import { sourceOf } from "./models.js";

/** A model, loaded for one direction. */
export class Coder {
  #source;
  #direction;
  #how;
  #closed = false;

  constructor(source, direction, said, how) {
    this.#source = source;
    this.#direction = direction;
    this.#how = how;
    /** Name of the model. */
    this.family = said.family;
    /** The quality of encodings that name none. */
    this.defaultQuality = said.defaultQuality;
  }

  /** Loads what `kind`, a class of this file's heirs, needs of a folder. */
  static async load(kind, folder, { signal, worker = true } = {}) {
    const source = sourceOf(folder);
    const said = await run("open", { source, direction: kind.direction }, { signal, worker });
    return new kind(source, kind.direction, said, { worker });
  }

  /** Does a job of this model. */
  async job(name, given, signal) {
    if (this.#closed) throw new ArgumentError("it is closed: open another");
    return run(name, { source: this.#source, ...given }, { ...this.#how, signal });
  }

  /** Gives its memory back. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await run("close", { source: this.#source, direction: this.#direction }, this.#how);
  }
}
