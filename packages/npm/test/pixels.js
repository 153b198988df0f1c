// Writes the RGBA that a model folder makes of a stream, for tests/web: node pixels.js FOLDER IN OUT
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { Decoder } from "../src/index.js";

const [folder, stream, out] = process.argv.slice(2);
const decoder = await Decoder.open(pathToFileURL(folder));
writeFileSync(out, (await decoder.decode(readFileSync(stream))).data);
