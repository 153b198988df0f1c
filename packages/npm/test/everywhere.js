// What Node.js and each browser make of jobs, as hashes, for tests/web: node everywhere.js JOBS.json,
// a list of {width, height, rgba, options} whose RGBA is in base64. Prints {place: [[stream, pixels]]}.
import { readFileSync } from "node:fs";

import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { hashesOf } from "./support/picture.js";

const HERE = new URL("../", import.meta.url);
const LIMIT = 600_000;
const [file] = process.argv.slice(2);
const jobs = JSON.parse(readFileSync(file));
const made = { "Node.js": await hashesOf(tcs, jobs) };
for (const [name, browser] of Object.entries(BROWSERS)) {
  if (programOf(browser) === null) continue;
  made[name] = await ask(browser, HERE, "/test/everywhere.html", jobs, LIMIT);
}
console.log(JSON.stringify(made));
