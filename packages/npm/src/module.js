// The WebAssembly module: fetched, checked, and called with bytes. kernels/wasm/exports.hpp says
// how its functions answer.
import {
  ArgumentError, EngineError, OutOfMemoryError, StreamLimitError, TcsdkError, errorOf,
} from "./errors.js";
import { IN_NODE, nodeModule } from "./node.js";

const HOME = new URL("../dist/tcs.wasm", import.meta.url);
// () -> v128 by i8x16.splat and i8x16.popcnt: valid where 128-bit SIMD is.
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
);
// () -> () by try and catch_all: valid where exceptions are.
const EXCEPTIONS_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 64, 25, 11, 11,
);
const MOST_BYTES = 1 << 28; // of an argument: the module's memory has 2 GiB
const LEAST = "Chrome 95, Firefox 100, Safari 16.4 and Node.js 18 have it";

async function readHere(url) {
  const { readFile } = await nodeModule("node:fs/promises");
  try {
    return await readFile(url);
  } catch (cause) {
    throw new EngineError(`expected the file ${url.pathname}, came ${cause.code}`, { cause });
  }
}

let fetching = (url, options) => fetch(url, options);

/** Replaces fetch for all that this package loads in this thread. */
export function fetchWith(other) {
  fetching = other;
}

/** The bytes at an address; throws EngineError, StreamLimitError above `most`. */
export async function fetchBytes(url, { signal, most = Infinity } = {}) {
  if (url.protocol === "file:" && IN_NODE) return readHere(url);
  try {
    const response = await fetching(url.href, { signal });
    if (!response.ok) {
      throw new EngineError(`expected ${url.pathname}, came HTTP ${response.status}; see the server`);
    }
    return await bodyOf(response, most);
  } catch (cause) {
    if (cause instanceof TcsdkError || signal?.aborted) throw cause;
    throw new EngineError(`expected ${url.pathname}, but the network failed; try again`, { cause });
  }
}

/** The bytes at an address, where they have this SHA-256; throws EngineError. */
export async function checkedBytes(url, sha256) {
  const bytes = new Uint8Array(await fetchBytes(url));
  const module = await libtcs();
  const hash = module.call("tcs_web_sha256", bytes);
  const came = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (came === sha256) return bytes;
  throw new EngineError(
    `${url.pathname.split("/").at(-1)}: expected SHA-256 ${sha256}, came ${came} (${bytes.length} ` +
      "bytes): it is truncated or of another release; fetch all files again, whole",
  );
}

// A body is given up where it grows too large, whatever its headers said.
async function bodyOf(response, most) {
  if (most === Infinity || !response.body) return response.arrayBuffer();
  const parts = [];
  let size = 0;
  const reader = response.body.getReader();
  for (let part; !(part = await reader.read()).done; parts.push(part.value)) {
    size += part.value.length;
    if (size <= most) continue;
    await reader.cancel();
    throw new StreamLimitError(`expected at most ${most} bytes, more came of ${response.url}`);
  }
  return new Blob(parts).arrayBuffer();
}

/** Throws EngineError where this machine cannot run the module at all. */
export function checkHost() {
  const probes = { "128-bit SIMD": SIMD_PROBE, exceptions: EXCEPTIONS_PROBE };
  for (const [feature, probe] of Object.entries(probes)) {
    if (typeof WebAssembly !== "object" || !WebAssembly.validate(probe)) {
      throw new EngineError(`expected WebAssembly with ${feature}, which is not here; ${LEAST}`);
    }
  }
}

/** Compiles and starts libtcs. */
export async function openModule(url = HOME) {
  checkHost();
  const bytes = await fetchBytes(new URL(url));
  if (!WebAssembly.validate(bytes)) {
    throw new EngineError(
      `expected a whole module at ${url.pathname}, came ${bytes.byteLength} bytes that are none; ` +
        "install the package again",
    );
  }
  let memory = null;
  const imports = {
    env: { emscripten_notify_memory_growth() {} },
    wasi_snapshot_preview1: {
      environ_get: () => 0, // there are no variables
      environ_sizes_get(count, size) {
        const view = new DataView(memory.buffer);
        view.setUint32(count, 0, true);
        view.setUint32(size, 0, true);
        return 0;
      },
      proc_exit(code) {
        throw new EngineError(`libtcs ended itself with ${code}; load the page again`);
      },
    },
  };
  try {
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    memory = instance.exports.memory;
    instance.exports._initialize();
    return new Module(instance.exports);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new OutOfMemoryError("no memory is left to start libtcs; close other pages", { cause });
  }
}

/** Bytes of what a caller hands over as a stream. */
export function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new ArgumentError(`expected Uint8Array or ArrayBuffer, came ${Object(data).constructor.name}`);
}

class Module {
  #exports;
  /** Whether a call was cut off in the middle: what then lies in its memory is unknown. */
  broken = false;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Calls a function that takes numbers and Uint8Arrays and answers in bytes; returns a copy. */
  call(name, ...given) {
    const held = [];
    try {
      const args = given.flatMap((each) => {
        if (!(each instanceof Uint8Array)) return [each];
        held.push(this.#copyIn(each));
        return [held.at(-1), each.length];
      });
      const status = this.#exports[name](...args);
      const answer = this.#answer();
      if (status !== 0) throw errorOf(status, new TextDecoder().decode(answer));
      return answer;
    } catch (cause) {
      if (cause instanceof TcsdkError) throw cause;
      throw this.#broke(name, cause);
    } finally {
      if (!this.broken) for (const place of held) this.#exports.tcs_web_free(place);
    }
  }

  // A trap, or arrays of JavaScript that found no memory.
  #broke(name, cause) {
    if (cause instanceof RangeError && !/stack/i.test(cause.message)) {
      return new OutOfMemoryError("no memory is left; close other pages", { cause });
    }
    this.broken = true;
    return new EngineError(`libtcs broke in ${name} (${cause}); please report it`, { cause });
  }

  /** Calls a function that takes and returns a number, or nothing. */
  number(name, ...args) {
    return this.#exports[name](...args) >>> 0;
  }

  #copyIn(bytes) {
    if (bytes.length > MOST_BYTES) {
      throw new StreamLimitError(`expected at most ${MOST_BYTES} bytes, came ${bytes.length}`);
    }
    const place = this.#exports.tcs_web_alloc(bytes.length) >>> 0;
    if (place === 0) {
      throw new OutOfMemoryError(`no memory is left for ${bytes.length} bytes; load the page again`);
    }
    new Uint8Array(this.#exports.memory.buffer).set(bytes, place);
    return place;
  }

  #answer() {
    const place = this.#exports.tcs_web_bytes() >>> 0;
    const size = this.#exports.tcs_web_size() >>> 0;
    return new Uint8Array(this.#exports.memory.buffer).slice(place, place + size);
  }
}

let shared;

/** The module of this thread, started once; a failed start is tried anew, a broken one replaced. */
export async function libtcs() {
  if ((await shared)?.broken) shared = undefined;
  shared ??= openModule().catch((error) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

/** Version of libtcs, such as "0.1.0". */
export async function version() {
  const module = await libtcs();
  return new TextDecoder().decode(module.call("tcs_web_version"));
}
