// A service worker: the network first, and what it gave last where there is none.
const NAME = "tcsdk-page";

async function answer(request) {
  const cache = await caches.open(NAME);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (lost) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept) return kept;
    throw lost;
  }
}

// The first visit loads the page before this worker is there.
async function keepPage() {
  const cache = await caches.open(NAME);
  const list = await (await fetch("files.json", { cache: "no-store" })).json();
  await cache.addAll(["./", ...list]);
}

self.addEventListener("install", (event) => event.waitUntil(keepPage()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const ours = new URL(request.url).origin === self.location.origin;
  const api = /\/(api|streams)(\/|$)/.test(new URL(request.url).pathname); // of a server: not kept
  if (ours && !api && request.method === "GET") event.respondWith(answer(request));
});
