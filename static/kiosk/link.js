// The link: one request to the server with a time-out. Throws Unreachable where no answer of the API came back.
const BASE = "/api/kiosk/v1";

export class Unreachable extends Error {}

/** The server says that this device is no longer one of its kiosks. */
export class Revoked extends Error {}

/** Answers {status, body, etag, middle}: the middle of sending and receiving, by the device's clock as it is now. */
export async function ask(method, path, { key, body, etag, seconds = 10 } = {}) {
  const headers = { Accept: "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  if (etag) headers["If-None-Match"] = etag;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  const began = performance.now();
  try {
    const options = { method, headers, signal: stop.signal, credentials: "omit", cache: "no-store", redirect: "error" };
    const answer = await fetch(BASE + path, body ? { ...options, body: JSON.stringify(body) } : options);
    const found = { status: answer.status, etag: answer.headers.get("ETag"), middle: Date.now() - (performance.now() - began) / 2, body: null };
    if (answer.status !== 304 && answer.status !== 204) found.body = await answer.json();
    if (found.status >= 500 || found.status === 429) throw new Unreachable(String(found.status));
    if (found.status === 401 && ["revoked", "unknown_kiosk"].includes(found.body.code)) throw new Revoked(found.body.code);
    return found;
  } catch (reason) {
    // A hotel's sign-in page, a cut line and a server that is being restarted are the same to whoever stands here: no network.
    if (reason instanceof Revoked || reason instanceof Unreachable) throw reason;
    throw new Unreachable(String(reason));
  } finally {
    clearTimeout(timer);
  }
}
