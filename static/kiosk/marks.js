// Marks: what this kiosk did to a place: what the server's roster does not show yet, what may be undone, which kit is out.
// Numbers and moments only.
import { canUndo } from "./decide.js";
import { now } from "./time.js";

export class Marks {
  constructor(store) {
    this.store = store;
    this.known = new Map(); // place → {in?, out?, last: {scans, at, was}, kit, settled}
  }

  async load() {
    this.known = new Map(await this.store.all("marks"));
    return this;
  }

  of(place) {
    return this.known.get(place) || null;
  }

  /** Something changed here: it stands over the server's word until the server has answered and told the roster anew. */
  put(place, changes) {
    return this.save(place, { ...this.of(place), ...changes, settled: false });
  }

  /** The server has it as it is. */
  async settle(place) {
    const mark = this.of(place);
    if (mark) await this.save(place, { ...mark, settled: true });
  }

  async save(place, mark) {
    this.known.set(place, mark);
    await this.store.put("marks", place, mark);
  }

  async drop(places) {
    places.forEach((place) => this.known.delete(place));
    if (places.length) await this.store.remove("marks", ...places);
  }

  /** Places whose marks were settled; asked before a roster is fetched. */
  settledPlaces() {
    return [...this.known].filter(([, mark]) => mark.settled).map(([place]) => place);
  }

  /** The roster that was fetched after they settled speaks for these places again. */
  async yield(places) {
    const over = [];
    for (const place of places) {
      const mark = this.of(place);
      if (!mark || !mark.settled) continue;
      const { in: _in, out: _out, ...rest } = mark;
      const isOf = (rest.kit && rest.kit.length) || (rest.last && canUndo(rest.last.at, now()));
      if (isOf) await this.save(place, rest);
      else over.push(place);
    }
    await this.drop(over);
  }
}
