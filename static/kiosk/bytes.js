// Bytes and how they are written: UTF-8, base64, base64url, base32 (RFC 4648 without padding), UUID.
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export const utf8 = (words) => new TextEncoder().encode(words);
export const words = (bytes) => new TextDecoder().decode(bytes);
export const random = (count) => crypto.getRandomValues(new Uint8Array(count));

export function base64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function base64url(bytes) {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function base32(bytes) {
  let out = "";
  let held = 0;
  let bits = 0;
  for (const byte of new Uint8Array(bytes)) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += LETTERS[(held >>> (bits - 5)) & 31];
    held &= 255;
  }
  return bits ? out + LETTERS[(held << (5 - bits)) & 31] : out;
}

// crypto.randomUUID came later than the browsers that tablets have.
export function uuid() {
  const bytes = random(16);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
