// The service worker: what the Lab needs without a net. The build puts in which files there are, and what names them.
const cacheName = "__CACHE__";
const files = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith("tsumiki-") && name !== cacheName).map((n) => caches.delete(n)),
    );
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  // The page itself is asked for anew, so that a newer Lab is found; its parts have names that say what is in them.
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match("./index.html")));
  else event.respondWith(caches.match(request).then((known) => known ?? fetch(request)));
});
