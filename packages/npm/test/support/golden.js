// Golden streams of the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";

export const ROOT = new URL("../../../../", import.meta.url);
const GOLDEN = new URL("tests/golden/", ROOT);

/** [name, bytes] of every golden stream. */
export function goldenStreams() {
  const found = [];
  for (const version of readdirSync(GOLDEN).filter((name) => name.startsWith("v"))) {
    for (const name of readdirSync(new URL(`${version}/`, GOLDEN))) {
      const file = new URL(`${version}/${name}/stream.tcs`, GOLDEN);
      if (existsSync(file)) found.push([`${version}/${name}`, new Uint8Array(readFileSync(file))]);
    }
  }
  return found;
}

/** The keys of a case, as written beside its stream. */
export function caseOf(name) {
  const rows = readFileSync(new URL(`${name}/case.txt`, GOLDEN), "utf-8").trim().split("\n");
  return Object.fromEntries(rows.map((row) => row.split("=")).map(([k, v]) => [k, Number(v)]));
}

/** [file, bytes, error] of the streams that must be refused by whoever reads their structure. */
export function refusedStreams() {
  const folder = new URL("refused/", GOLDEN);
  const rows = readFileSync(new URL("index.csv", folder), "utf-8").trim().split("\n").slice(1);
  return rows
    .map((row) => row.split(","))
    .filter(([, how]) => how === "stream" || how === "inspect")
    .map(([file, , error]) => [file, new Uint8Array(readFileSync(new URL(file, folder))), error]);
}
