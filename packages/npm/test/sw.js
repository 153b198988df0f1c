// The service worker of element.html.
import { showStreams } from "/src/service.js";

showStreams();
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
