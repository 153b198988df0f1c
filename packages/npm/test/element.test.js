import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { ROOT } from "./support/golden.js";
import { hashOf, testPicture } from "./support/picture.js";

const HERE = fileURLToPath(new URL("../", import.meta.url));
const BAD = readFileSync(new URL("tests/golden/refused/bound_header_check.tcs", ROOT));
let folder;
let good;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tcs-element-"));
  for (const name of ["src", "dist", "test"]) cpSync(join(HERE, name), join(folder, name), { recursive: true });
  cpSync(join(HERE, "test/element.html"), join(folder, "index.html"));
  cpSync(join(HERE, "test/sw.js"), join(folder, "sw.js"));
  good = await tcs.encode(testPicture(200, 130), { maxBytes: 900, scale: 0.7 });
  writeFileSync(join(folder, "good.tcs"), good);
  writeFileSync(join(folder, "bad.tcs"), BAD);
});

after(() => rmSync(folder, { recursive: true }));

for (const [name, browser] of Object.entries(BROWSERS)) {
  const missing = programOf(browser) === null && `${name} is not installed; ${browser.variable} names it`;
  test(`the element and the service worker in ${name}`, { skip: missing }, async () => {
    const seen = await ask(browser, pathToFileURL(`${folder}/`), "/", {});
    assert.equal(seen.failed, undefined);
    const { data } = await tcs.decode(good);
    const pixels = await hashOf(data);
    assert.equal(seen.element, pixels);
    assert.deepEqual(seen.label, ["img", "a label"]);
    assert.deepEqual(seen.box, [200, 130]);
    assert.equal(seen.info, good.length);
    assert.equal(seen.slot, true);
    assert.equal(seen.blank, 0);
    assert.match(seen.missing, /EngineError: expected \/none\.tcs, came HTTP 404/);
    assert.deepEqual(seen.kept, [40, 30]);
    assert.equal(seen.early, null);
    assert.deepEqual(seen.lazy, [100, 65]);
    assert.equal(seen.after, 0);
    assert.equal(seen.image, pixels);
    assert.equal(seen.refused, "error");
    assert.equal(seen.bytes, good.length);
    assert.equal(seen.offline, pixels);
  });
}
