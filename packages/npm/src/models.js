// Models that ship, by wire id, with the SHA-256 of their entropy bundles: zoo/*/manifest.json.
export const MODELS = [
  { family: "tfic", wireId: 1, bundle: "c3d0850a5e93d6074e33d5d4fd02926d94f4ddfed85c304f544d352cec8b6760" },
  { family: "base", wireId: 2, bundle: "d65cc618c9716d3020d1fe28f8a033cfae51447d1fbbfc9790285761b35a5771" },
  { family: "tfic-tinylic", wireId: 4, bundle: "a465fbb28820684c55d9660015444548c6a936a8b02ffe82dd235b06a74f556e" },
  { family: "textboost", wireId: 5, bundle: "c3d0850a5e93d6074e33d5d4fd02926d94f4ddfed85c304f544d352cec8b6760" },
];

/** The number by which streams name a bundle: the first four bytes of its hash, little endian. */
export function shortHash(bundle) {
  const bytes = bundle.slice(0, 8).match(/../g);
  return Number(`0x${bytes.reverse().join("")}`);
}
