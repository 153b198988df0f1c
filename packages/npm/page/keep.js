// What is loaded when it is asked for is kept from then on, as offline.js keeps the rest.
const NAME = "tcsdk-page";
export const ENCODER = ["tcsdk/dist/tfic/analysis.tcsn"];
export const TEXT = ["tcsdk/dist/text_model.bin"];
export const AVIF = ["avif/version.json", "avif/avif_enc.js", "avif/avif_enc.wasm"];

/** Keeps files of this page, where browsers can; without that they are online only. */
export async function keep(names) {
  try {
    const cache = await caches.open(NAME);
    for (const name of names) if (!(await cache.match(name))) await cache.add(name);
  } catch {
    // no room, or no caches: the page works all the same
  }
}
