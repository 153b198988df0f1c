import assert from "node:assert/strict";
import { test } from "node:test";

import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { goldenStreams, refusedStreams } from "./support/golden.js";
import { asText, hex } from "./support/text.js";

const HERE = new URL("../", import.meta.url);

async function expected(streams) {
  const answers = {};
  for (const [name, bytes] of streams) {
    answers[name] = await tcs.inspect(bytes).then(asText, (error) => error.name);
    if (bytes.length > 0 && bytes[0] !== 0xc0) {
      answers[`${name} packets`] = asText(await tcs.split(bytes, 100));
    }
  }
  return answers;
}

for (const [name, browser] of Object.entries(BROWSERS)) {
  const missing = programOf(browser) === null && `${name} is not installed; ${browser.variable} names it`;
  test(`${name} answers as Node.js does`, { skip: missing }, async () => {
    const streams = [...goldenStreams(), ...refusedStreams()].filter(([, { length }]) => length < 12_000);
    assert.ok(streams.length > 120);
    const data = Object.fromEntries(streams.map(([key, bytes]) => [key, hex(bytes)]));
    assert.deepEqual(await ask(browser, HERE, "/test/same.html", data), await expected(streams));
  });
}
