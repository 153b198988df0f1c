// Prints what inspect and split say of files, for tests/web: node answers.js FILE...
import { readFileSync } from "node:fs";

import { inspect, split } from "../src/index.js";
import { asText } from "./support/text.js";

for (const file of process.argv.slice(2)) {
  const bytes = new Uint8Array(readFileSync(file));
  const info = await inspect(bytes).catch((error) => ({ error: error.name }));
  const packets = await split(bytes, 222, { parity: 0.3 }).catch((error) => error.name);
  console.log(asText({ info, packets }));
}
