// The device store: IndexedDB, and the one key of this device that cannot be taken out of the browser.
import { random, utf8, words } from "./bytes.js";

const ROOMS = ["keys", "sealed", "marks", "plain"];
const QUEUE = "queue";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function open(name = "civic-kiosk") {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    ROOMS.forEach((room) => opening.result.createObjectStore(room));
    // Numbers that IndexedDB gives itself only ever grow, also after everything was taken out: the counter of scans.
    opening.result.createObjectStore(QUEUE, { autoIncrement: true });
  };
  const database = await done(opening);
  database.onversionchange = () => database.close();
  const store = new Store(database);
  await store.findKey();
  return store;
}

class Store {
  constructor(database) {
    this.database = database;
    this.key = null;
  }

  /** The device's key, made on the first day. */
  async findKey() {
    this.key = await this.get("keys", "device");
    if (this.key) return;
    this.key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await this.put("keys", "device", this.key);
  }

  room(name, mode) {
    return this.database.transaction(name, mode, { durability: "strict" }).objectStore(name);
  }

  get(room, key) {
    return done(this.room(room, "readonly").get(key));
  }

  /** Resolves when it is on the disk, not merely asked for. */
  change(room, work) {
    return new Promise((resolve, reject) => {
      const place = this.room(room, "readwrite");
      const request = work(place);
      place.transaction.oncomplete = () => resolve(request && request.result);
      place.transaction.onabort = () => reject(place.transaction.error);
    });
  }

  put(room, key, value) {
    return this.change(room, (place) => place.put(value, key));
  }

  remove(room, ...keys) {
    return this.change(room, (place) => keys.forEach((key) => place.delete(key)));
  }

  /** [[key, value]] in the order of the keys. */
  async all(room) {
    const place = this.room(room, "readonly");
    const [keys, values] = await Promise.all([done(place.getAllKeys()), done(place.getAll())]);
    return keys.map((key, at) => [key, values[at]]);
  }

  async seal(value) {
    const iv = random(12);
    return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, utf8(JSON.stringify(value))) };
  }

  async unseal(sealed) {
    return JSON.parse(words(await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, this.key, sealed.box)));
  }

  /** A sealed value under a name; null where there is none or it cannot be opened. */
  async read(name) {
    const sealed = await this.get("sealed", name);
    return sealed ? this.unseal(sealed).catch(() => null) : null;
  }

  async write(name, value) {
    return this.put("sealed", name, await this.seal(value));
  }

  /** Put at the end of the queue; answers its counter. */
  async append(value) {
    const sealed = await this.seal(value);
    return this.change(QUEUE, (place) => place.add(sealed));
  }

  /** Another value at its counter. */
  async replace(counter, value) {
    const sealed = await this.seal(value);
    return this.change(QUEUE, (place) => place.put(sealed, counter));
  }

  /** Everything goes: the key first, so that what a failing disk might keep stays unreadable. */
  async wipe(why) {
    await this.change("keys", (place) => place.clear());
    for (const room of ["sealed", "marks", "plain", QUEUE]) await this.change(room, (place) => place.clear());
    await this.findKey();
    await this.put("plain", "wiped", why);
  }
}
