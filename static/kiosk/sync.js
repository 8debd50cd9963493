// Synchronising: status, upload, roster, in this order; on and off line by itself; one uploader at a time.
import { ask, Revoked, Unreachable } from "./link.js";
import * as time from "./time.js";

const BATCH = 500;
const EACH = 60000;
const FIRST_RETRY = 2000;
const LAST_RETRY = 300000;

/** How long to wait after so many failures in a row: 2 s, 4 s … 5 min, less a random half so that kiosks do not come together. */
export function pause(failures, chance) {
  return Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1)) * (1 - chance / 2);
}

export class Sync {
  /** told: {online(bool), changed(), revoked(code), expired()}; device: {app, battery()} */
  constructor({ store, queue, marks, roster, key, told, device }) {
    Object.assign(this, { store, queue, marks, roster, key, told, device });
    this.isOnline = null;
    this.failures = 0;
    this.last = { undecided: 0, refused: 0 };
    this.until = null;
    this.doneAt = null;
    this.stopped = false;
  }

  start() {
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.lost());
    return this.now();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** All of it, at once. */
  now() {
    clearTimeout(this.timer);
    this.failures = 0;
    return this.run();
  }

  /** A scan was made: send it if there is a network; where there is none the next try is planned already. A running turn
   * plans its own end: what comes during it must not be a timer that this end would overwrite. */
  soon() {
    if (this.isOnline === false) return;
    if (this.running) this.again = true;
    else this.plan(50);
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), wait);
  }

  /** Runs never overlap: who asks meanwhile gets one more run after this one. */
  run() {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.turn().finally(() => {
      this.running = null;
      if (this.again && !this.stopped) this.plan(50);
      this.again = false;
    });
    return this.running;
  }

  async turn() {
    if (this.stopped) return;
    let wait = EACH;
    try {
      await this.greet();
      await this.upload();
      await this.fetchRoster();
      this.failures = 0;
      this.doneAt = time.now();
    } catch (reason) {
      if (reason instanceof Revoked) return this.revoked(reason.message);
      if (!(reason instanceof Unreachable)) throw reason;
      this.lost();
      wait = pause(++this.failures, Math.random());
    } finally {
      if (!this.stopped) this.plan(wait);
    }
    this.told.changed();
  }

  revoked(code) {
    this.stop();
    return this.told.revoked(code);
  }

  lost() {
    if (this.isOnline === false) return;
    this.isOnline = false;
    this.told.online(false);
  }

  ask(method, path, options) {
    return ask(method, path, { key: this.key, ...options });
  }

  async greet() {
    const { fetched } = this.roster.data;
    const { oldest } = this.queue;
    const body = {
      app: this.device.app, battery: await this.device.battery(), queued: this.queue.length, oldest_at: oldest && new Date(oldest).toISOString(),
      roster_at: fetched ? new Date(fetched).toISOString() : null, at: new Date().toISOString(),
    };
    const answer = await this.ask("POST", "/status", { body });
    if (answer.status !== 200) throw new Unreachable(String(answer.status));
    await this.queue.settle(time.correct((Date.parse(answer.body.now) - answer.middle) / 1000));
    this.until = answer.body.until;
    if (this.isOnline !== true) {
      this.isOnline = true;
      this.told.online(true);
    }
  }

  async upload() {
    this.aside = new Set();
    let most = BATCH;
    for (;;) {
      const later = this.queue.unsettled();
      const scans = this.queue.batch(this.queue.length).filter((scan) => !this.aside.has(scan.counter) && !later.has(scan.counter)).slice(0, most);
      if (!scans.length) return;
      const answer = await this.ask("POST", "/scans", { body: { scans }, seconds: 30 });
      if (answer.status === 200) await this.take(scans, answer.body.answers);
      else if (scans.length > 1) most = 1; // one of them is not understood: find it, the others must not wait for it
      else this.aside.add(scans[0].counter);
    }
  }

  /** Deletes exactly what was answered. */
  async take(scans, answers) {
    const by = new Map(answers.map((answer) => [answer.scan_id, answer]));
    const answered = scans.filter((scan) => by.has(scan.scan_id));
    if (!answered.length) throw new Unreachable("no answers");
    await this.queue.forget(answered.map((scan) => scan.counter));
    for (const scan of answered) await this.learn(scan, by.get(scan.scan_id).outcome);
  }

  async learn(scan, outcome) {
    if (outcome !== "recorded") this.last[outcome] += 1;
    if (!scan.place || scan.kind === "kit" || this.queue.concerns(scan.place)) return;
    if (outcome === "recorded") await this.marks.settle(scan.place);
    if (outcome === "refused") await this.marks.drop([scan.place]);
  }

  async fetchRoster() {
    const { cursor, etag } = this.roster.data;
    const settled = this.marks.settledPlaces();
    const path = cursor ? `/roster?since=${encodeURIComponent(cursor)}` : "/roster";
    const answer = await this.ask("GET", path, { etag: cursor ? etag : null, seconds: 30 });
    if (answer.status === 304) return this.marks.yield(settled);
    if (answer.status !== 200) return this.restart(answer.status);
    await this.roster.apply(answer.body, answer.etag);
    await this.marks.yield(settled);
  }

  /** A cursor that the server no longer knows: once more from the beginning. */
  async restart(status) {
    if (!this.roster.data.cursor) throw new Unreachable(String(status));
    this.roster.data.cursor = null;
    await this.fetchRoster();
  }
}
