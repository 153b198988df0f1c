// What it takes to open the page and show a stream, by gzip -9: node size.mjs FOLDER. Ends with 1
// above the bound.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MOST = 1_500_000;
const PARTS = [
  ["weights of the decoder", /\.tcsn$/],
  ["its entropy tables and manifest", /dist\/tfic\//],
  ["libtcs, WebAssembly", /\.wasm$/],
  ["samples", /^samples\//],
  ["package, JavaScript", /^tcsdk\/src\//],
  ["page", /./],
];
const [folder] = process.argv.slice(2);
const files = ["offline.js", "files.json", ...JSON.parse(readFileSync(join(folder, "files.json")))];
const sums = new Map(PARTS.map(([name]) => [name, 0]));
for (const file of files) {
  const [name] = PARTS.find(([, of]) => of.test(file));
  sums.set(name, sums.get(name) + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
}
const total = [...sums.values()].reduce((sum, each) => sum + each);
for (const [name, size] of sums) console.log(`${String(size).padStart(9)}  ${name}`);
console.log(`${String(total).padStart(9)}  together, at most ${MOST}`);
process.exitCode = total <= MOST ? 0 : 1;
