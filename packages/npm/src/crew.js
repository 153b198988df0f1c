// Heavy work off the thread that asks for it: a worker, started when there is work, that does one
// job at a time. A job that is given up takes the worker with it; the next one starts another.
import { JOBS } from "./codec.js";
import { EngineError, revived } from "./errors.js";
import { IN_NODE, nodeModule } from "./node.js";

const NO_START =
  "the worker did not start: see that src/worker.js is served beside the package and that the " +
  "page's Content-Security-Policy allows worker-src, or pass worker: false";

async function nodeWorker(hear, lost) {
  const { Worker } = await nodeModule("node:worker_threads");
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  worker.on("message", hear);
  worker.on("error", lost);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
    busy: (is) => (is ? worker.ref() : worker.unref()),
  };
}

// What another origin serves, a page may import but not start.
function startedFrom(url) {
  const source = `import ${JSON.stringify(url.href)};`;
  const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return new Worker(blob, { type: "module" });
}

function browserWorker(hear, lost) {
  let worker;
  try {
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    if (error.name !== "SecurityError") throw error;
    worker = startedFrom(new URL("./worker.js", import.meta.url));
  }
  worker.addEventListener("message", ({ data }) => hear(data));
  worker.addEventListener("error", lost);
  return { post: (message) => worker.postMessage(message), end: () => worker.terminate(), busy() {} };
}

class Crew {
  #worker = null; // a promise
  #waiting = [];
  #current = null;
  #ready = false;

  run(job, given, signal) {
    return new Promise((resolve, reject) => {
      const task = { job, given, resolve, reject };
      const giveUp = () => this.#giveUp(task, signal.reason);
      task.settled = () => signal?.removeEventListener("abort", giveUp);
      signal?.addEventListener("abort", giveUp);
      this.#waiting.push(task);
      this.#next();
    });
  }

  async #next() {
    if (this.#current !== null) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#current = task;
    try {
      this.#worker ??= this.#started();
      const worker = await this.#worker;
      if (this.#current !== task) return;
      worker.busy(true);
      worker.post({ job: task.job, given: task.given });
    } catch (cause) {
      if (this.#current === task) this.#lose(cause);
    }
  }

  async #started() {
    this.#ready = false;
    const start = IN_NODE ? nodeWorker : browserWorker;
    const mine = {};
    this.#mine = mine;
    const only = (does) => (...args) => this.#mine === mine && does(...args);
    return start(only((message) => this.#hear(message)), only((event) => this.#lose(event)));
  }
  #mine = null; // of the worker that is listened to

  #hear({ ready, value, error }) {
    if (ready) {
      this.#ready = true;
      return;
    }
    const task = this.#current;
    this.#rest();
    if (error) task.reject(revived(error));
    else task.resolve(value);
    this.#next();
  }

  #rest() {
    this.#current?.settled();
    this.#current = null;
    this.#worker?.then((worker) => worker.busy(false), () => {});
  }

  // The worker is gone: out of memory, or it never started.
  #lose(event) {
    const task = this.#current;
    const why = this.#ready ? "the worker ended, perhaps for lack of memory; try again" : NO_START;
    this.#dismiss();
    const said = event?.message ? `${why} (${event.message})` : why;
    task?.reject(new EngineError(said, { cause: event?.error ?? event }));
    this.#next();
  }

  #dismiss() {
    this.#rest();
    this.#worker?.then((worker) => worker.end(), () => {});
    this.#worker = null;
    this.#mine = null;
  }

  #giveUp(task, reason) {
    if (this.#current === task) {
      this.#dismiss();
    } else {
      this.#waiting = this.#waiting.filter((each) => each !== task);
      task.settled();
    }
    task.reject(reason);
    this.#next();
  }
}

const crew = new Crew();
const HAS_WORKERS = IN_NODE || typeof Worker === "function";

/** Does a job of codec.js in the worker, or here: with `worker: false`, and where there are none. */
export async function run(job, given, { signal, worker = true } = {}) {
  signal?.throwIfAborted();
  return worker && HAS_WORKERS ? crew.run(job, given, signal) : JOBS[job](given);
}
