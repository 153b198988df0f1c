import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as tcs from "../src/index.js";
import { ROOT } from "./support/golden.js";

const MODEL = new URL("zoo/tfic", ROOT);

async function withCopy(spoil, work) {
  const folder = mkdtempSync(join(tmpdir(), "tcs-model-"));
  for (const name of ["manifest.json", "entropy.tcsb", "synthesis.tcsn"]) {
    cpSync(new URL(`zoo/tfic/${name}`, ROOT), join(folder, name));
  }
  spoil(folder);
  try {
    await work(pathToFileURL(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a truncated net is refused by its hash", async () => {
  const cut = (folder) => {
    const net = readFileSync(join(folder, "synthesis.tcsn"));
    writeFileSync(join(folder, "synthesis.tcsn"), net.subarray(0, 1000));
  };
  await withCopy(cut, (url) =>
    assert.rejects(tcs.Decoder.open(url), /synthesis\.tcsn: expected SHA-256 .* \(1000 bytes\)/),
  );
});

test("a net of which one bit differs is refused by its hash", async () => {
  const flip = (folder) => {
    const net = readFileSync(join(folder, "synthesis.tcsn"));
    net[net.length >> 1] ^= 1;
    writeFileSync(join(folder, "synthesis.tcsn"), net);
  };
  await withCopy(flip, (url) => assert.rejects(tcs.Decoder.open(url), tcs.EngineError));
});

test("huge declared sizes are refused before memory is asked for", async () => {
  const decoder = await tcs.Decoder.open(MODEL);
  const huge = readFileSync(new URL("tests/golden/v0/stream_largest/stream.tcs", ROOT));
  const { codedWidth, codedHeight } = await tcs.inspect(huge);
  assert.ok(codedWidth * codedHeight > 50_000_000);
  await assert.rejects(decoder.decode(huge), tcs.StreamLimitError);
  await decoder.close();
  await assert.rejects(decoder.decode(huge), /closed/);
});

test("a stream of another model is refused", async () => {
  const decoder = await tcs.Decoder.open(MODEL);
  const stream = readFileSync(new URL("tests/golden/v0.4/bound_text/stream.tcs", ROOT));
  await assert.rejects(decoder.decode(stream), tcs.TcsdkError);
  await decoder.close();
});

test("a model whose server is away, or refuses, is an error that says so", async () => {
  const lost = createServer((_, response) => response.destroy()).listen(0, "127.0.0.1");
  await new Promise((resolve) => lost.once("listening", resolve));
  const address = `http://127.0.0.1:${lost.address().port}/tfic`;
  await assert.rejects(tcs.Decoder.open(address), /EngineError: .*manifest\.json.*the network failed/);
  lost.close();
});

test("a folder without packed nets says what makes them", async () => {
  const folder = new URL("zoo/tfic-tinylic", ROOT);
  await assert.rejects(tcs.Decoder.open(folder), /packed nets; make them with: python -m tcsdk/);
});

test("a stream of a model that is not in the package is named", async () => {
  const stream = readFileSync(new URL("tests/golden/v0.4/bound_text/stream.tcs", ROOT));
  await assert.rejects(tcs.decode(stream), /this stream is of .* pass model:/);
});

test("hashes are compared where a page is not secure, and browsers have none of their own", async () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    const decoder = await tcs.Decoder.open(MODEL, { worker: false });
    await decoder.close();
  } finally {
    Object.defineProperty(globalThis, "crypto", real);
  }
});
