// Milliseconds that a picture of 256x512 takes each way in a worker, in Node.js and each browser that
// is installed: node test/speed.js. Medians of several, the first one apart: it fetches and compiles.
import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { timesOf } from "./support/picture.js";

const HERE = new URL("../", import.meta.url);
const places = { "Node.js": await timesOf(tcs) };
for (const [name, browser] of Object.entries(BROWSERS)) {
  if (programOf(browser) !== null) places[name] = await ask(browser, HERE, "/test/speed.html", {});
}
for (const [place, times] of Object.entries(places)) {
  const said = Object.entries(times).map(([what, { first, median }]) => `${what} ${median} (first ${first})`);
  console.log(`${place}: ${said.join(", ")}`);
}
