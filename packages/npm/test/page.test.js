import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { bmpOf } from "../src/bmp.js";
import * as tcs from "../src/index.js";
import { BROWSERS, ask, programOf } from "./support/browsers.js";
import { ROOT } from "./support/golden.js";
import { testPicture } from "./support/picture.js";

const HERE = fileURLToPath(new URL("../", import.meta.url));
const GOOD = readFileSync(new URL("tests/golden/v0.4/bound_text/stream.tcs", ROOT));
const BAD = readFileSync(new URL("tests/golden/refused/bound_header_check.tcs", ROOT));
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tcs-page-"));
  mkdirSync(join(folder, "samples"));
  writeFileSync(join(folder, "samples/good.tcs"), GOOD);
  writeFileSync(join(folder, "samples/bad.tcs"), BAD);
  writeFileSync(join(folder, "samples/picture.bmp"), bmpOf(testPicture(200, 130)));
  execFileSync(process.execPath, [join(HERE, "page/assemble.mjs"), folder]);
  cpSync(join(HERE, "test/page.html"), join(folder, "use.html"));
});

after(() => rmSync(folder, { recursive: true }));

async function checkCoded(seen) {
  const file = 54 + 600 * 130;
  const stream = await tcs.encode(testPicture(200, 130), { maxBytes: Number(seen.coded[2]) });
  const { codedWidth, codedHeight } = await tcs.inspect(stream);
  const size = codedWidth === 200 ? "" : `, coded at ${codedWidth} × ${codedHeight}`;
  const ours = `tcs: ${stream.length} bytes${size}`;
  assert.deepEqual(seen.coded.slice(0, 2), [`original: ${file.toLocaleString("en")} bytes`, ours]);
  assert.deepEqual(seen.drawn, [200, 200]);
  assert.ok(seen.fewer <= 400);
  assert.match(seen.few, /^20 bytes are too few: this is the smallest/);
  assert.equal(seen.part, "80%");
  assert.match(seen.swapped, /^tcs: \d+ bytes/);
  assert.deepEqual([seen.without, seen.reader], [true, true]);
  assert.match(seen.nothing, /nothing\.png: expected a picture or a \.tcs stream/);
  assert.equal(seen.saved, stream.length);
}

for (const [name, browser] of Object.entries(BROWSERS)) {
  const missing = programOf(browser) === null && `${name} is not installed; ${browser.variable} names it`;
  test(`the page in ${name}`, { skip: missing }, async () => {
    const seen = await ask(browser, pathToFileURL(`${folder}/`), "/use.html", {});
    assert.equal(seen.failed, undefined);
    const info = await tcs.inspect(GOOD);
    const size = `${info.width} × ${info.height} pixels`;
    assert.equal(seen.summary[0], size);
    assert.ok(seen.summary.includes(`${info.quality} of 63`));
    assert.equal(seen.lines.length, info.text.lines.length);
    info.text.lines.forEach(({ text, state }, n) => {
      assert.ok(seen.lines[n].includes(text ?? "not sent") && seen.lines[n].includes(state));
    });
    assert.equal(seen.places, info.text.lines.filter(({ polygon }) => polygon).length);
    assert.equal(seen.bytes.reduce((sum, each) => sum + each), info.bytes);
    assert.match(seen.whole, /arrived whole, though 0/);
    assert.equal(seen.lost, true);
    assert.match(seen.error, /^CorruptStreamError: .{20}/);
    assert.equal(seen.hidden, true);
    assert.equal(seen.markup, 0);
    assert.match(seen.note, /^No picture: this stream is of/);
    await checkCoded(seen);
    assert.equal(seen.offline, size);
    assert.equal(seen.offlineCoded, seen.coded[1]);
  });
}
