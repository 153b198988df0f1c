// The same picture as AVIF at as many bytes, by an encoder that is loaded when it is asked for.
import { TcsdkError } from "./tcsdk/src/index.js";

let worker = null;

/** Whether this page was made with the encoder. */
export async function hasAvif() {
  const answer = await fetch("avif/version.json").catch(() => null);
  return answer?.ok ?? false;
}

function stop() {
  worker?.terminate();
  worker = null;
}

/** {data, part, quality}: the best AVIF of at most `maxBytes`, coded at a part of its size. */
export function avifOf(image, maxBytes, signal) {
  worker ??= new Worker(new URL("avif-worker.js", import.meta.url), { type: "module" });
  const mine = worker;
  return new Promise((resolve, reject) => {
    const lost = (message) => {
      stop();
      reject(new TcsdkError(`the AVIF encoder: ${message}`));
    };
    mine.onmessage = ({ data }) => (data.error ? lost(data.error) : resolve(data));
    mine.onerror = ({ message }) => lost(message ?? "it could not be loaded; is the network there?");
    signal.addEventListener("abort", () => {
      stop();
      reject(signal.reason);
    });
    mine.postMessage({ image, maxBytes });
  });
}
