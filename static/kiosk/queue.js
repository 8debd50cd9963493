// The queue: scans that the server has not answered yet, sealed, in the order of their counters.
import { uuid } from "./bytes.js";
import * as time from "./time.js";

export class Queue {
  constructor(store) {
    this.store = store;
    this.waiting = new Map(); // counter → scan
    this.changed = () => null;
  }

  /** As it was before the restart. What cannot be opened any more stays where it is and is told of. */
  async load() {
    for (const [counter, sealed] of await this.store.all("queue")) {
      const scan = await this.store.unseal(sealed).catch(() => null);
      if (scan) this.waiting.set(counter, scan);
    }
    return this;
  }

  get length() {
    return this.waiting.size;
  }

  /** When the oldest was made, corrected, in milliseconds; or null. */
  get oldest() {
    const first = this.waiting.values().next();
    return first.done ? null : Date.parse(first.value.at) + first.value.offset * 1000;
  }

  /** Kept on the disk before anybody sees green. Absent fields are left out. */
  async add(scan) {
    const whole = { scan_id: uuid(), ...time.stamp() };
    for (const [name, value] of Object.entries(scan)) if (value !== null && value !== undefined) whole[name] = value;
    this.waiting.set(await this.store.append(whole), whole);
    this.changed();
    return whole;
  }

  /** The oldest so many, as they are sent. Which era of the clock a scan is of is the device's own matter. */
  batch(most) {
    return [...this.waiting].slice(0, most).map(([counter, { era, ...scan }]) => ({ ...scan, counter }));
  }

  /** The server was asked: what was made since the clock was last set had this offset all along, and is sure now. */
  async settle(era) {
    for (const [counter, scan] of this.waiting) {
      if (scan.sure !== false || scan.era !== era) continue;
      const whole = { ...scan, offset: time.measured(), sure: true };
      await this.store.replace(counter, whole);
      this.waiting.set(counter, whole);
    }
  }

  /** Scans whose time the next answer of the server will settle: sent now they would change under their name. */
  unsettled() {
    const { era } = time.stamp();
    return new Set([...this.waiting].filter(([, scan]) => scan.sure === false && scan.era === era).map(([counter]) => counter));
  }

  /** The server answered: only now a scan may go. */
  async forget(counters) {
    await this.store.remove("queue", ...counters);
    counters.forEach((counter) => this.waiting.delete(counter));
    this.changed();
  }

  /** Whether a scan about this place waits. */
  concerns(place) {
    return [...this.waiting.values()].some((scan) => scan.place === place);
  }
}
