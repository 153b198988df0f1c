// Streams cut for links of small payloads, and joined again: docs/use/packets.md.
import { ArgumentError } from "./errors.js";
import { bytesOf, libtcs } from "./module.js";

const FATES = ["whole", "added", "duplicate", "late", "mixed"];
// Behind a stream whose last byte looks like filling one more is sent.
const END = 1;
const PREVIEW_MARK = 3;
const NOTHING = new Uint8Array(0);

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  number() {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  block() {
    const size = this.number();
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }
}

function whole(name, value, low, high) {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ArgumentError(`${name}: expected a whole number ${low}..${high}, came ${value}`);
  }
}

function parityOf(module, data, parity) {
  const answer =
    typeof parity === "number"
      ? module.call("tcs_web_parity_of", data, parity)
      : module.call("tcs_web_parity_for", data, parity?.delivery, parity?.loss);
  return new Reader(answer).number();
}

// Packets of data and of parity; a longer header may make one more.
function cut(module, size, payload, parity) {
  whole("payload", payload, 4, 4096);
  let count = 0;
  let before = -1;
  let data = 0;
  while (count !== before) {
    before = count;
    data = new Reader(module.call("tcs_web_data_packets", size, payload, count)).number();
    count = Math.max(count, parityOf(module, data, parity));
  }
  return { data, parity: count };
}

/** How many packets a stream of so many bytes takes. */
export async function packetsOf(size, payload = 222, { parity = 0.3 } = {}) {
  whole("size", size, 1, 0x7fffffff);
  return cut(await libtcs(), size + END, payload, parity);
}

/** Cuts a stream into packets; any of them, as many as there are of data, give it back. */
export async function split(data, payload = 222, { parity = 0.3, preview } = {}) {
  const module = await libtcs();
  const stream = bytesOf(data);
  const shown = preview === undefined ? NOTHING : bytesOf(preview);
  const size = stream.length + END + (shown.length > 0 ? shown.length + PREVIEW_MARK : 0);
  const count = cut(module, size, payload, parity).parity;
  const answer = new Reader(module.call("tcs_web_split", stream, payload, count, shown));
  const packets = [];
  while (answer.at < answer.bytes.length) packets.push(answer.block());
  return packets;
}

/** Joins packets, in any order, of several senders and streams at once. */
export class Joiner {
  #module;
  #place;

  constructor(module, place) {
    this.#module = module;
    this.#place = place;
  }

  /** Opens a joiner that keeps so many streams and bytes at most. */
  static async open({ streams = 64, maxBytes = 1 << 22 } = {}) {
    whole("streams", streams, 1, 1 << 20);
    whole("maxBytes", maxBytes, 1, 1 << 30);
    const module = await libtcs();
    const answer = module.call("tcs_web_joiner_open", streams, maxBytes);
    return new Joiner(module, new Reader(answer).number());
  }

  /** Takes a packet; throws TruncatedStreamError or StreamLimitError where it can be none. */
  add(packet, sender = "") {
    if (this.#place === 0) throw new ArgumentError("this joiner is closed: open another");
    const from = new TextEncoder().encode(sender);
    const bytes = bytesOf(packet);
    const answer = new Reader(
      this.#module.call("tcs_web_joiner_add", this.#place, bytes, from),
    );
    const [fate, number, held, needed] = [0, 1, 2, 3].map(() => answer.number());
    const start = answer.block();
    const preview = answer.block();
    const stream = FATES[fate] === "whole" ? start : null;
    return {
      fate: FATES[fate],
      number,
      held,
      needed,
      stream,
      start,
      preview: preview.length > 0 ? preview : null,
    };
  }

  /** Gives its memory back. */
  close() {
    if (this.#place !== 0) this.#module.number("tcs_web_joiner_close", this.#place);
    this.#place = 0;
  }
}
