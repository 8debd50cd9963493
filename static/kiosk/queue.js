// The queue: scans that the server has not answered yet, sealed, in the order of their counters.
import { uuid } from "./bytes.js";

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

  /** When the oldest was made, or null. */
  get oldest() {
    const first = this.waiting.values().next();
    return first.done ? null : first.value.at;
  }

  /** Kept on the disk before anybody sees green. Absent fields are left out. */
  async add(scan) {
    const whole = { scan_id: uuid(), at: new Date().toISOString() };
    for (const [name, value] of Object.entries(scan)) if (value !== null && value !== undefined) whole[name] = value;
    this.waiting.set(await this.store.append(whole), whole);
    this.changed();
    return whole;
  }

  /** The oldest so many, as they are sent. */
  batch(most) {
    return [...this.waiting].slice(0, most).map(([counter, scan]) => ({ ...scan, counter }));
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
