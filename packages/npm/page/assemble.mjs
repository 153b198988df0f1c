// Lays the page out for a web host: node assemble.mjs FOLDER. Files that exist there are replaced.
// With --without-nets for the wheel, whose zoo has them: tcsdk serve knows where.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OWN = new Set(["assemble.mjs", "samples.json", "size.mjs"]);
// Loaded when asked for, and kept from then on: what encodes, what reads sent text, other codecs.
const NOT_KEPT = [
  /^offline\.js$/, /^files\.json$/, /analysis\.tcsn$/, /text_model\.bin$/, /^avif\//,
  /^samples\/.*\.webp$/,
];
const [folder, without] = process.argv.slice(2);

function slashed(path) {
  return relative(folder, path).replaceAll("\\", "/");
}

function filesIn(inner) {
  return readdirSync(inner).flatMap((name) => {
    const path = join(inner, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

// Comments on lines of their own; readers of the page have the repository.
function shorten(path) {
  const lines = readFileSync(path, "utf-8").split("\n");
  writeFileSync(path, lines.filter((line) => !/^\s*(\/\/|\/\*\*|\*[ /]|\*$)/.test(line)).join("\n"));
}

mkdirSync(join(folder, "samples"), { recursive: true });
for (const name of readdirSync(HERE).filter((each) => !OWN.has(each))) {
  cpSync(join(HERE, name), join(folder, name));
}
for (const part of ["src", "dist"]) {
  const of = { recursive: true, filter: (path) => !/\.d\.ts$|(element|service|bmp)\.js$/.test(path) };
  cpSync(join(HERE, "..", part), join(folder, "tcsdk", part), of);
}
if (without === "--without-nets") rmSync(join(folder, "tcsdk/dist/tfic"), { recursive: true });
cpSync(join(HERE, "samples.json"), join(folder, "samples", "index.json"));
filesIn(folder).filter((path) => /(?<!avif_enc)\.js$/.test(path)).forEach(shorten);
// What the service worker keeps; the worker itself is the browser's to keep.
const nets = ["manifest.json", "entropy.tcsb", "synthesis.tcsn"].map((name) => `tcsdk/dist/tfic/${name}`);
const kept = [...new Set([...nets, ...filesIn(folder).map(slashed)])]
  .filter((path) => !NOT_KEPT.some((each) => each.test(path)));
writeFileSync(join(folder, "files.json"), JSON.stringify(kept));
