import assert from "node:assert/strict";
import { test } from "node:test";

import * as tcs from "../src/index.js";

const STREAM = Uint8Array.from({ length: 700 }, (_, n) => (n * 37 + 11) & 255);

test("any packets, as many as there are of data, give the stream back", async () => {
  const packets = await tcs.split(STREAM, 222, { parity: { delivery: 0.99, loss: 0.2 } });
  const { data, parity } = await tcs.packetsOf(STREAM.length, 222, {
    parity: { delivery: 0.99, loss: 0.2 },
  });
  assert.equal(packets.length, data + parity);
  const joiner = await tcs.Joiner.open();
  const fates = packets.slice(-data).map((packet) => joiner.add(packet, "gate"));
  assert.deepEqual(fates.map(({ fate }) => fate), [...Array(data - 1).fill("added"), "whole"]);
  assert.deepEqual(fates.at(-1).stream, STREAM);
  assert.equal(joiner.add(packets[0], "gate").fate, "late");
  joiner.close();
  assert.throws(() => joiner.add(packets[0]), /closed/);
});

test("senders are told apart", async () => {
  const packets = await tcs.split(STREAM, 400, { parity: 0 });
  const joiner = await tcs.Joiner.open();
  assert.equal(packets.length, 2);
  joiner.add(packets[0], "a");
  assert.equal(joiner.add(packets[1], "b").stream, null);
  joiner.close();
});

test("the first packet holds a preview whole", async () => {
  const preview = STREAM.slice(0, 100);
  const packets = await tcs.split(STREAM, 222, { preview });
  const joiner = await tcs.Joiner.open();
  assert.deepEqual(joiner.add(packets[0]).preview, preview);
  joiner.close();
});

test("numbers out of their range are refused", async () => {
  await assert.rejects(tcs.split(STREAM, 3), tcs.ArgumentError);
  await assert.rejects(tcs.split(STREAM, 4), tcs.ArgumentError); // more than 128 packets
  await assert.rejects(tcs.split(STREAM, 222, { parity: -1 }), tcs.ArgumentError);
  await assert.rejects(tcs.split(STREAM, 222, { parity: "some" }), tcs.ArgumentError);
  await assert.rejects(tcs.split(new Uint8Array(0)), tcs.ArgumentError);
  await assert.rejects(tcs.packetsOf(0.5), tcs.ArgumentError);
});

test("what is no packet is refused", async () => {
  const joiner = await tcs.Joiner.open();
  assert.throws(() => joiner.add(Uint8Array.of(1)), tcs.TruncatedStreamError);
  assert.throws(() => joiner.add(new Uint8Array(5000)), tcs.StreamLimitError);
  joiner.close();
});
