// The service worker: keeps the shell on the device, never an answer of the API. The server puts SHELL before this text:
// {version, files: {address: sha256}, lazy: {address: sha256}}.
const CACHE = `civic-kiosk-${SHELL.version}`;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "keep decoder") event.waitUntil(keepDecoder());
});
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (pathname in SHELL.files || pathname in SHELL.lazy) event.respondWith(kept(pathname, event.request));
});

/** All or nothing: a version of which one file is not as announced is not installed. */
async function install() {
  const cache = await caches.open(CACHE);
  const wanted = Object.entries(SHELL.files);
  for (const [address, hash] of Object.entries(SHELL.lazy)) if (await caches.match(address)) wanted.push([address, hash]);
  await Promise.all(wanted.map(([address, hash]) => take(cache, address, hash)));
}

async function take(cache, address, hash) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  const found = await crypto.subtle.digest("SHA-256", await answer.clone().arrayBuffer());
  const hex = [...new Uint8Array(found)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!answer.ok || hex !== hash) throw new Error(`${address} is not as announced`);
  await cache.put(address, answer.clone());
  return answer;
}

/** Before anybody needs it, for the network may be gone by then. */
async function keepDecoder() {
  const cache = await caches.open(CACHE);
  for (const [address, hash] of Object.entries(SHELL.lazy)) {
    if (!(await cache.match(address))) await take(cache, address, hash).catch(() => null);
  }
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("civic-kiosk-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

async function kept(address, request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(address);
  if (found) return found;
  if (address in SHELL.lazy) return take(cache, address, SHELL.lazy[address]);
  return fetch(request);
}
