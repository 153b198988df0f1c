// Lays the page out for a web host: node assemble.mjs FOLDER. Files that exist there are replaced.
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OWN = new Set(["assemble.mjs", "samples.json"]);
// Loaded when asked for, and kept from then on: what encodes, and other codecs.
const NOT_KEPT = [/^offline\.js$/, /^files\.json$/, /\.d\.ts$/, /analysis\.tcsn$/, /^avif\//, /^samples\/.*\.png$/];
const [folder] = process.argv.slice(2);

function filesIn(inner) {
  return readdirSync(inner).flatMap((name) => {
    const path = join(inner, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

mkdirSync(join(folder, "samples"), { recursive: true });
for (const name of readdirSync(HERE).filter((each) => !OWN.has(each))) {
  cpSync(join(HERE, name), join(folder, name));
}
for (const part of ["src", "dist"]) {
  cpSync(join(HERE, "..", part), join(folder, "tcsdk", part), { recursive: true });
}
cpSync(join(HERE, "samples.json"), join(folder, "samples", "index.json"));
// What the service worker keeps; the worker itself is the browser's to keep.
const kept = filesIn(folder)
  .map((path) => relative(folder, path).replaceAll("\\", "/"))
  .filter((path) => !NOT_KEPT.some((each) => each.test(path)));
writeFileSync(join(folder, "files.json"), JSON.stringify(kept));
