import assert from "node:assert/strict";
import { test } from "node:test";

import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { ASKED, made, testPicture } from "./support/picture.js";

const HERE = new URL("../", import.meta.url);
const IMAGE = testPicture(200, 130);

test("a worker makes what the calling thread makes", async () => {
  const hashes = await made(tcs, true);
  assert.deepEqual(hashes, await made(tcs, false));
  assert.ok(hashes.fits[0] <= ASKED.fits.maxBytes);
  assert.equal(new Set(Object.values(hashes).map(([, hash]) => hash)).size, 4);
});

for (const [name, browser] of Object.entries(BROWSERS)) {
  const missing = programOf(browser) === null && `${name} is not installed; ${browser.variable} names it`;
  test(`${name} makes the streams and pixels that Node.js makes`, { skip: missing }, async () => {
    const seen = await ask(browser, HERE, "/test/pictures.html", {});
    assert.equal(seen.failed, undefined);
    const expected = await made(tcs, true);
    assert.deepEqual(seen.worker, expected);
    assert.deepEqual(seen.here, expected);
    assert.equal(seen.given, "AbortError");
    assert.equal(seen.again, (await tcs.encode(testPicture(64, 64), { quality: 5 })).length);
    assert.equal(seen.isImageData, true);
    assert.match(seen.missing, /expected \/nowhere\/manifest\.json, came HTTP 404/);
  });
}

for (const [name, browser] of Object.entries(BROWSERS)) {
  const missing = programOf(browser) === null && `${name} is not installed; ${browser.variable} names it`;
  test(`where a page forbids workers ${name} is told, and works without`, { skip: missing }, async () => {
    const { refused, here } = await ask(browser, HERE, "/test/blocked.html", {});
    assert.equal(refused[0], "EngineError");
    assert.match(refused[1], /^the worker did not start: .*worker-src.*worker: false/);
    assert.equal(here, (await tcs.encode(testPicture(64, 64), { quality: 5 })).length);
  });
}

test("the best quality that fits is taken", async () => {
  const stream = await tcs.encode(IMAGE, { maxBytes: 900, scale: 1 });
  const { quality } = await tcs.inspect(stream);
  for (const more of [1, 2]) {
    assert.ok((await tcs.encode(IMAGE, { quality: quality + more, scale: 1 })).length > 900);
  }
  const capped = await tcs.encode(IMAGE, { maxBytes: 900, quality: quality - 1, scale: 1 });
  assert.equal((await tcs.inspect(capped)).quality, quality - 1);
});

test("too few bytes are refused with those that it takes", async () => {
  const error = await tcs.encode(IMAGE, { maxBytes: 30 }).catch((each) => each);
  assert.ok(error instanceof tcs.TargetTooSmallError);
  assert.equal((await tcs.encode(IMAGE, { maxBytes: error.smallest })).length, error.smallest);
  await assert.rejects(tcs.encode(IMAGE, { maxBytes: error.smallest - 1 }), tcs.TargetTooSmallError);
});

test("what is transparent shows the background", async () => {
  const clear = { ...IMAGE, data: IMAGE.data.map((each, n) => (n % 4 === 3 ? 0 : each)) };
  const { data } = await tcs.decode(await tcs.encode(clear, { quality: 40, background: [0, 0, 255] }));
  const means = [0, 1, 2].map((channel) => data.reduce((sum, each, n) => sum + (n % 4 === channel ? each : 0), 0));
  const [red, green, blue] = means.map((sum) => sum / (data.length / 4));
  assert.ok(blue > 220 && red < 30 && green < 30, `${[red, green, blue]}`);
});

test("wrong arguments are refused by name", async () => {
  const wrong = [{ quality: 64 }, { quality: 1.5 }, { maxBytes: 0 }, { scale: 0 }, { background: [1, 2] }];
  for (const options of [...wrong, { adaptive: 1 }]) {
    const [name] = Object.keys(options);
    await assert.rejects(tcs.encode(IMAGE, options), new RegExp(`^ArgumentError: ${name}: expected`));
  }
  const short = { ...IMAGE, data: IMAGE.data.subarray(4) };
  await assert.rejects(tcs.encode(short), /expected ImageData/);
  await assert.rejects(tcs.encode(null), tcs.ArgumentError);
});

test("a picture too large for a browser is refused before anything is loaded", async () => {
  const huge = { width: 40_000, height: 40_000, data: { length: 4 * 40_000 ** 2 } };
  Object.setPrototypeOf(huge.data, Uint8Array.prototype);
  await assert.rejects(tcs.encode(huge), tcs.StreamLimitError);
});

test("work that is given up ends at once, and other work goes on", async () => {
  const large = testPicture(512, 512);
  const giveUp = new AbortController();
  const first = tcs.encode(large, { maxBytes: 3000, signal: giveUp.signal });
  const second = tcs.encode(IMAGE, { quality: 3 });
  const before = performance.now();
  setTimeout(() => giveUp.abort(), 30);
  await assert.rejects(first, { name: "AbortError" });
  assert.ok(performance.now() - before < 500);
  assert.ok((await second).length > 0);
  await assert.rejects(tcs.encode(IMAGE, { signal: AbortSignal.abort("no") }), (reason) => reason === "no");
});

test("waiting work can be given up too", async () => {
  const giveUp = new AbortController();
  const first = tcs.encode(IMAGE, { quality: 4 });
  const second = tcs.encode(IMAGE, { quality: 5, signal: giveUp.signal });
  giveUp.abort();
  await assert.rejects(second, { name: "AbortError" });
  assert.ok((await first).length > 0);
});

test("a closed encoder says so", async () => {
  const encoder = await tcs.Encoder.open();
  assert.deepEqual([encoder.family, encoder.defaultQuality], ["tfic", 32]);
  await encoder.close();
  await encoder.close();
  await assert.rejects(encoder.encode(IMAGE), tcs.ArgumentError);
});
