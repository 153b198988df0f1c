// The far side of crew.js: one job after the other, each answered.
import { JOBS } from "./codec.js";
import { told } from "./errors.js";
import { IN_NODE, nodeModule } from "./node.js";

function buffersOf(value) {
  const bytes = ArrayBuffer.isView(value) ? value : value?.data;
  return ArrayBuffer.isView(bytes) ? [bytes.buffer] : [];
}

async function work(port, { job, given }) {
  try {
    const value = await JOBS[job](given);
    port.postMessage({ value }, buffersOf(value));
  } catch (error) {
    port.postMessage({ error: told(error) });
  }
}

const port = IN_NODE ? (await nodeModule("node:worker_threads")).parentPort : globalThis;
if (IN_NODE) port.on("message", (asked) => work(port, asked));
else port.addEventListener("message", ({ data }) => work(port, data));
port.postMessage({ ready: true });
