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

async function startInNode() {
  const { parentPort } = await nodeModule("node:worker_threads");
  parentPort.on("message", (asked) => work(parentPort, asked));
  parentPort.postMessage({ ready: true });
}

// Bundlers make classic scripts of this file, in which nothing can be awaited up here.
if (IN_NODE) {
  startInNode();
} else {
  globalThis.addEventListener("message", ({ data }) => work(globalThis, data));
  globalThis.postMessage({ ready: true });
}
