// Pictures of streams: a model folder's files, fetched and checked, and its net inside libtcs.
import { ArgumentError, EngineError, StreamLimitError } from "./errors.js";
import { inspect } from "./inspect.js";
import { bytesOf, fetchBytes, libtcs } from "./module.js";

const MOST_PIXELS = 50_000_000;
const HEADER = 16;

async function checked(folder, name, sha256) {
  const bytes = new Uint8Array(await fetchBytes(new URL(name, folder)));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const came = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (came === sha256) return bytes;
  throw new EngineError(
    `${name}: expected SHA-256 ${sha256}, came ${came} (${bytes.length} bytes): it is truncated or ` +
      "of another release; fetch the model folder again, whole",
  );
}

/** Decodes streams of one model. */
export class Decoder {
  #module;
  #place;

  constructor(module, place) {
    this.#module = module;
    this.#place = place;
  }

  /** Fetches entropy bundle and synthesis net of a model folder and checks their SHA-256. */
  static async open(folder) {
    const home = new URL(String(folder).replace(/\/?$/, "/"), globalThis.location?.href);
    const manifest = JSON.parse(new TextDecoder().decode(await fetchBytes(new URL("manifest.json", home))));
    const of = (name) => checked(home, name, manifest.sha256[name]);
    const [bundle, net] = await Promise.all([of(manifest.bundle), of("synthesis.tcsn")]);
    const module = await libtcs();
    const answer = module.call("tcs_web_codec_open", bundle, net);
    return new Decoder(module, new DataView(answer.buffer).getUint32(0, true));
  }

  /** The picture as coded: {width, height, data} with RGBA, as ImageData takes it. */
  async decode(data) {
    if (this.#place === 0) throw new ArgumentError("this decoder is closed: open another");
    const stream = bytesOf(data);
    const { codedWidth, codedHeight, width: shownWidth, height: shownHeight } = await inspect(stream);
    if (codedWidth * codedHeight > MOST_PIXELS) {
      throw new StreamLimitError(
        `expected at most ${MOST_PIXELS} pixels, the stream declares ${codedWidth}x${codedHeight}`,
      );
    }
    const rgb = this.#module.call("tcs_web_decode", this.#place, stream).subarray(HEADER);
    const pixels = new Uint8ClampedArray(codedWidth * codedHeight * 4).fill(255);
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
      pixels[to] = rgb[from];
      pixels[to + 1] = rgb[from + 1];
      pixels[to + 2] = rgb[from + 2];
    }
    return { width: codedWidth, height: codedHeight, shownWidth, shownHeight, data: pixels };
  }

  /** Gives its memory back. */
  close() {
    if (this.#place !== 0) this.#module.number("tcs_web_codec_close", this.#place);
    this.#place = 0;
  }
}
