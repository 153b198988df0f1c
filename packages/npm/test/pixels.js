// Does jobs of tests/web: node pixels.js JOBS.json, a list of {model, stream, out}, which writes
// RGBA, and of {model, rgba, width, height, options, out}, which writes a stream.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { decode, encode } from "../src/index.js";

const [jobs] = process.argv.slice(2);
for (const { model, stream, rgba, width, height, options, out } of JSON.parse(readFileSync(jobs))) {
  const folder = pathToFileURL(model);
  if (stream) {
    const picture = await decode(readFileSync(stream), { model: folder });
    writeFileSync(out, picture.data);
  } else {
    const data = new Uint8ClampedArray(readFileSync(rgba));
    writeFileSync(out, await encode({ width, height, data }, { ...options, model: folder }));
  }
}
