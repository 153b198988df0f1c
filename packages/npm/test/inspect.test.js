import assert from "node:assert/strict";
import { test } from "node:test";

import * as tcs from "../src/index.js";
import { caseOf, goldenStreams, refusedStreams } from "./support/golden.js";

test("golden streams say what was written into them", async () => {
  const streams = goldenStreams();
  assert.ok(streams.length > 25, `${streams.length} golden streams`);
  for (const [name, stream] of streams) {
    const info = await tcs.inspect(stream);
    const keys = caseOf(name);
    const { codedWidth, codedHeight, quality, wireId, tileSize, bytes } = info;
    assert.deepEqual(
      { codedWidth, codedHeight, quality, wireId, tileSize, bytes },
      {
        codedWidth: keys.width,
        codedHeight: keys.height,
        quality: keys.quality,
        wireId: keys.wire_id,
        tileSize: keys.tile,
        bytes: stream.length,
      },
      name,
    );
    const shownByChunk = info.chunks.some((chunk) => chunk.name === "size"); // before 0.4
    if (!shownByChunk) assert.equal(info.width, keys.shown_width ?? keys.width, name);
    assert.equal(info.layers.length, keys.layered ? 2 : 1, name);
    assert.equal(info.chunks.length, keys.chunks, name);
  }
});

test("every refused stream is refused by its error", async (t) => {
  const streams = refusedStreams();
  assert.ok(streams.length > 90, `${streams.length} refused streams`);
  for (const [file, stream, name] of streams) {
    await t.test(file, async () => {
      await assert.rejects(tcs.inspect(stream), (error) => {
        assert.equal(error.name, name);
        assert.ok(error instanceof tcs[name] && error instanceof tcs.BitstreamError);
        assert.ok(error.message.length > 10);
        return true;
      });
    });
  }
});

test("a truncated stream of every length is an error", async () => {
  const [, stream] = goldenStreams().find(([name]) => name.endsWith("bound_text"));
  for (let size = 0; size < stream.length; size += 1) {
    await assert.rejects(tcs.inspect(stream.subarray(0, size)), tcs.BitstreamError, `${size} bytes`);
  }
});

test("what is no bytes is refused", async () => {
  await assert.rejects(tcs.inspect("picture.tcs"), /expected Uint8Array or ArrayBuffer, came String/);
  await assert.rejects(tcs.inspect(null), tcs.ArgumentError);
});

test("more bytes than a stream may have are refused before they are copied", async () => {
  await assert.rejects(tcs.inspect(new Uint8Array(2 ** 28 + 1)), tcs.StreamLimitError);
});
