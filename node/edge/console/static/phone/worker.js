/* Keeps the page on the phone. EDITION and FILES are written before this text by the node.
   The page is asked of the node first, and taken from the phone when the node is silent, slow, or wants a login: whoever is on the
   way still sees what is to be sent. Calls of the API pass through untouched. */
const PAGE = "/console/phone", OWN = `wanmi-phone-${EDITION}`, PRIVATE = "wanmi-phone-private", PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(OWN);
    const page = await fetch(PAGE, { credentials: "same-origin", cache: "no-store" });
    // Behind a session that is over lies the login, which is not the page.
    if (!page.ok || page.redirected) throw new Error("the page was not given");
    await cache.put(PAGE, page);
    await cache.addAll(FILES);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("wanmi-phone-") && name !== OWN && name !== PRIVATE) await caches.delete(name);
    await self.clients.claim();
  })());
});

const kept = (address) => caches.match(address, { ignoreVary: true });

async function page(request) {
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await (await caches.open(OWN)).put(PAGE, answer.clone());
    return answer;
  });
  const slow = new Promise((resolve) => { setTimeout(() => resolve(null), PATIENCE_MS); });
  const answer = await Promise.race([asked.catch(() => null), slow]);
  if (answer && answer.ok && !answer.redirected) return answer;
  return (await kept(PAGE)) || answer || asked;
}

async function file(request) {
  const found = await kept(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(OWN)).put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") { if (url.pathname === PAGE) event.respondWith(page(request)); return; }
  if (url.pathname.startsWith("/console/static/")) event.respondWith(file(request));
  if (url.pathname.startsWith("/api/v1/photos/")) event.respondWith(kept(request).then((found) => found || fetch(request)));
});
