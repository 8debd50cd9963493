// Codes: what stands in a QR code, and the digests and passes that prove it (docs/kiosk.md, "Keys and digests").
import { base32, base64url, utf8 } from "./bytes.js";

// Scanners set all kinds of things before a code: ]Q1 (AIM), a character of their own, what was typed just before.
const PASS = /HR1\.(\d{1,9})\.([A-Z2-7]{8,64})\.([A-Z2-7]{10})$/;
const CARD = /HRK1\.([A-Z2-7]{20})$/;
const INVITATION = /(?:^|#)([0-9A-Z]{8})$/;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const HALF_MINUTE = 30;

/** A Chinese keyboard writes 。 where a code has its full stop; scanners end with signs that nobody sees. */
const plain = (text) => text.normalize("NFKC").replace(/。/g, ".").replace(/[\p{C}\s]+/gu, "").toUpperCase();

/** What a text from the camera or the wedge is: a pass, a card, or null for what is none of ours. `typed`: how many keys. */
export function read(text) {
  const keys = plain(text);
  const pass = PASS.exec(keys);
  if (pass) return { kind: "pass", event: Number(pass[1]), alias: pass[2], code: pass[3], text: pass[0], typed: pass[0].length };
  const card = CARD.exec(keys);
  return card ? { kind: "card", token: card[1], text: card[0], typed: card[0].length } : null;
}

/** The pairing code in the desk's QR code (…/kiosk/#CODE) or typed by hand; "" where there is none. */
export function invitation(text) {
  const found = INVITATION.exec(plain(text).replace(/-/g, ""));
  return found ? found[1] : "";
}

/** A key that signs here and can never be read out. */
export function eventKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
}

const sign = (key, message) => crypto.subtle.sign("HMAC", key, utf8(message));

/** The first 12 bytes of the keyed digest, in base64url. */
export async function digest(key, message) {
  return base64url((await sign(key, message)).slice(0, 12));
}

/** The code of a person for one half minute. */
export async function passCode(key, alias, halfMinute) {
  const own = await eventKey(await sign(key, `pass:${alias}`));
  return base32(await sign(own, `t:${halfMinute}`)).slice(0, 10);
}

/** Whether a code is of this half minute or one of its neighbours. `now` in milliseconds, corrected. */
export async function isFresh(key, alias, code, now) {
  const at = Math.floor(now / 1000 / HALF_MINUTE);
  const codes = await Promise.all([at, at - 1, at + 1].map((t) => passCode(key, alias, t)));
  return codes.includes(code);
}
