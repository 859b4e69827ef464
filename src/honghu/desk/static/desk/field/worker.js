// The service worker of field work. It keeps the shell of these pages and nothing else: no answer
// about a case, nobody's name. `SHELL` is told by the server in the line before.
"use strict";

const KEPT = `honghu-field-${SHELL.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((cache) => cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith("honghu-field-") && name !== KEPT)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

/** The network's answer, kept for the next time; without a network what was kept. */
const fresh = async (request, name) => {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(name, answer.clone());
    return answer;
  } catch (refusal) {
    const kept = await cache.match(name, { ignoreSearch: true });
    if (kept) return kept;
    throw refusal;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL.page) {
    event.respondWith(fresh(request, SHELL.page));
  } else if (SHELL.files.includes(url.pathname)) {
    event.respondWith(fresh(request, url.pathname));
  }
});
