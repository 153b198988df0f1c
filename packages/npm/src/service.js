// <img src="picture.tcs">: a service worker that answers with the picture. A site's own worker, of
// type "module", imports this file and calls showStreams().
import { bmpOf } from "./bmp.js";
import { decode } from "./decoder.js";
import { fetchBytes, fetchWith } from "./module.js";

const MOST_BYTES = 1 << 26;

// The network first; without it what came last.
async function fetched(name, url, options) {
  const cache = await caches.open(name);
  try {
    const response = await fetch(url, options);
    if (response.ok) await cache.put(url, response.clone());
    return response;
  } catch (lost) {
    const before = await cache.match(url);
    if (before) return before;
    throw lost;
  }
}

async function pictureOf(request, { name, model, most }) {
  const url = new URL(request.url);
  const stream = new Uint8Array(await fetchBytes(url, { most: MOST_BYTES }));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", stream));
  const key = `${url.origin}/tcsdk-picture/${Array.from(hash.subarray(0, 16)).join("-")}`;
  const cache = await caches.open(`${name}-pictures`);
  const known = await cache.match(key);
  if (known) return known;
  const picture = await decode(stream, { model });
  // no-cache: a stream that changed is asked for here each time.
  const headers = { "content-type": "image/bmp", "cache-control": "no-cache" };
  const made = new Response(bmpOf(picture), { headers });
  await cache.put(key, made.clone());
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - most))) await cache.delete(old);
  return made;
}

function wanted({ method, destination, url }) {
  return method === "GET" && destination === "image" && new URL(url).pathname.endsWith(".tcs");
}

/**
 * Answers requests of <img> and of stylesheets for addresses that end in .tcs with bitmaps. Streams,
 * nets and the last `most` pictures are kept, so that they show offline too.
 */
export function showStreams({ model, name = "tcsdk", most = 64 } = {}) {
  fetchWith((url, options) => fetched(name, url, options));
  self.addEventListener("fetch", (event) => {
    if (!wanted(event.request)) return;
    event.respondWith(
      pictureOf(event.request, { name, model, most }).catch((error) => {
        console.error(`${event.request.url}: ${error.name}: ${error.message}`);
        return Response.error(); // the picture's error event, and its alt text
      }),
    );
  });
}
