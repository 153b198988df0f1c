// Models that ship, by wire id, with the SHA-256 of their entropy bundles: zoo/*/manifest.json.
export const MODELS = [
  { family: "tfic", wireId: 1, bundle: "c3d0850a5e93d6074e33d5d4fd02926d94f4ddfed85c304f544d352cec8b6760" },
  { family: "base", wireId: 2, bundle: "d65cc618c9716d3020d1fe28f8a033cfae51447d1fbbfc9790285761b35a5771" },
  { family: "tfic-tinylic", wireId: 4, bundle: "a465fbb28820684c55d9660015444548c6a936a8b02ffe82dd235b06a74f556e" },
  { family: "textboost", wireId: 5, bundle: "c3d0850a5e93d6074e33d5d4fd02926d94f4ddfed85c304f544d352cec8b6760" },
  { family: "elic-s", wireId: 6, bundle: "2799010452587c0b98718c01196b47dc1b810fca985f32d4c02fb338a6e06d19" },
  { family: "textboost-elic", wireId: 8, bundle: "2799010452587c0b98718c01196b47dc1b810fca985f32d4c02fb338a6e06d19" },
];

/** The number by which streams name a bundle: the first four bytes of its hash, little endian. */
export function shortHash(bundle) {
  const bytes = bundle.slice(0, 8).match(/../g);
  return Number(`0x${bytes.reverse().join("")}`);
}

/** The model in this package. */
export const OWN = "tfic";

// Each written out, so that bundlers find and rename them.
const OWN_FILES = {
  "manifest.json": new URL("../dist/tfic/manifest.json", import.meta.url),
  "entropy.tcsb": new URL("../dist/tfic/entropy.tcsb", import.meta.url),
  "synthesis.tcsn": new URL("../dist/tfic/synthesis.tcsn", import.meta.url),
  "analysis.tcsn": new URL("../dist/tfic/analysis.tcsn", import.meta.url),
};

/**
 * Where a model's files lie, as plain data that a worker can be told: a folder's address, or that
 * of each file of the package's own.
 */
export function sourceOf(folder) {
  if (folder === undefined || folder === null) {
    return { files: Object.entries(OWN_FILES).map(([name, url]) => [name, url.href]) };
  }
  const home = new URL(String(folder).replace(/\/?$/, "/"), globalThis.location?.href);
  return { home: home.href };
}

/** The address of a model's file. */
export function addressOf(source, name) {
  const own = source.files?.find(([each]) => each === name);
  return new URL(own ? own[1] : name, source.home);
}
