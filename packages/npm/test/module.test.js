import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import { pathToFileURL } from "node:url";

import * as tcs from "../src/index.js";
import { openModule } from "../src/module.js";
import { ROOT } from "./support/golden.js";

const WASM = new URL("../dist/tcs.wasm", import.meta.url);

async function served(answer, work) {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await work(new URL(`http://127.0.0.1:${server.address().port}/tcs.wasm`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("the versions of package, library and repository are one", async () => {
  const ours = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));
  const told = readFileSync(new URL("pyproject.toml", ROOT), "utf-8");
  assert.match(told, new RegExp(`^version = "${ours.version}"$`, "m"));
  assert.equal(await tcs.version(), ours.version);
});

test("models that ship are known by their bundles", () => {
  for (const { family, wireId, bundle } of tcs.MODELS) {
    const file = new URL(`zoo/${family}/manifest.json`, ROOT);
    const manifest = JSON.parse(readFileSync(file));
    assert.equal(manifest.wire_id, wireId, family);
    assert.equal(manifest.sha256["entropy.tcsb"] ?? manifest.backbone_bundle, bundle, family);
  }
});

test("a truncated module is an error that says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tcs-"));
  const file = pathToFileURL(join(folder, "tcs.wasm"));
  writeFileSync(file, readFileSync(WASM).subarray(0, 5000));
  await assert.rejects(openModule(file), /expected a whole module .* came 5000 bytes/);
});

test("a server's refusal is told", async () => {
  const refuse = (response) => response.writeHead(404).end();
  await served(refuse, async (url) => {
    await assert.rejects(openModule(url), /expected \/tcs\.wasm, came HTTP 404/);
  });
});

test("a lost network is told", async () => {
  const lose = (response) => response.destroy();
  await served(lose, async (url) => {
    await assert.rejects(openModule(url), (error) => {
      assert.ok(error instanceof tcs.EngineError);
      assert.match(error.message, /the network failed/);
      return true;
    });
  });
});

test("a connection that breaks off in the middle is told", async () => {
  const bytes = readFileSync(WASM);
  const breakOff = (response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 4096), () => response.destroy());
  };
  await served(breakOff, (url) => assert.rejects(openModule(url), tcs.EngineError));
});

for (const [feature, probe] of [["SIMD", 31], ["exceptions", 28]]) {
  test(`a host without ${feature} is told what it lacks`, async () => {
    const real = WebAssembly.validate;
    mock.method(WebAssembly, "validate", (bytes) => bytes.length !== probe && real(bytes));
    try {
      await assert.rejects(openModule(WASM), new RegExp(`${feature}, which is not here`));
    } finally {
      mock.restoreAll();
    }
    await openModule(WASM);
  });
}

test("a module without memory says so, and works again when it has some", async () => {
  const module = await openModule(WASM);
  const held = [];
  for (let size = 2 ** 29; size >= 2 ** 16; size /= 2) {
    for (let place; (place = module.number("tcs_web_alloc", size)) !== 0; ) held.push(place);
  }
  const stream = new Uint8Array(2 ** 20);
  assert.throws(() => module.call("tcs_web_inspect", stream), tcs.OutOfMemoryError);
  for (const place of held) module.number("tcs_web_free", place);
  assert.throws(() => module.call("tcs_web_inspect", stream), tcs.NotATcsStreamError);
});
