// Punching: a decision becomes scans in the queue and marks on the places; taken back within two minutes by scans of its own.
import { canUndo, decide } from "./decide.js";
import * as time from "./time.js";

export class Punching {
  constructor({ roster, queue, marks }) {
    Object.assign(this, { roster, queue, marks });
    this.strangers = new Map(); // what was scanned of somebody unknown → when
  }

  /** Decide for this person and keep it. Answers the decision; its scans are on the disk by then. */
  async check(person, way) {
    const found = decide(person.places, time.now(), this.roster.settings);
    found.person = person;
    found.at = time.now();
    if (found.kind === "coming") await this.keep(person, [[found.place, "in"]], way);
    if (found.kind === "going") await this.keep(person, [[found.place, "out"]], way);
    if (found.kind === "handover") await this.keep(person, [[found.place, "out"], [found.next, "in"]], way);
    return found;
  }

  async keep(person, steps, way) {
    const scans = [];
    for (const [place, direction] of steps) {
      const scan = await this.queue.add({
        kind: "punch", event: person.event, place: place.id, alias: person.alias, direction, way,
      });
      scans.push({ scan_id: scan.scan_id, place: place.id, direction });
    }
    const last = { scans, at: time.now(), event: person.event, alias: person.alias };
    for (const [place, direction] of steps) await this.marks.put(place.id, { [direction]: time.now(), last });
  }

  /** The last thing that this kiosk did to a place and that can still be taken back, or null. */
  lastOf(place) {
    const mark = this.marks.of(place.id);
    return mark && mark.last && canUndo(mark.last.at, time.now()) ? mark.last : null;
  }

  /** Pressed by mistake: the newest first, each by a scan that names it. */
  async undo(last) {
    for (const { scan_id, place, direction } of last.scans.slice().reverse()) {
      await this.queue.add({
        kind: "undo", event: last.event, place, alias: last.alias, undoes: scan_id,
      });
      await this.marks.put(place, { [direction]: null, last: null });
    }
  }

  /** Somebody this kiosk does not know is recorded, never called invalid; the desk decides. False when it was just done. */
  async record(unknown, way) {
    const name = unknown.alias || unknown.code;
    const before = this.strangers.get(name);
    const isAgain = before && time.now() - before.at < this.roster.settings.again_minutes * 60000;
    if (isAgain) return false;
    const direction = before && before.direction === "in" ? "out" : "in";
    await this.queue.add({ kind: "punch", direction, way, ...unknown });
    this.strangers.set(name, { at: time.now(), direction });
    return true;
  }

  /** Kit handed out, or back. A vest taken on the first shift is given back after the second, or at another kiosk. */
  async hand(person, place, kit, isBack) {
    const holder = (isBack && person.places.find((other) => this.lentAt(other).includes(kit))) || place;
    await this.queue.add({
      kind: "kit", event: person.event, place: holder.id, alias: person.alias, kit, direction: isBack ? "in" : "out",
    });
    const others = this.lentAt(holder).filter((other) => other !== kit);
    await this.marks.save(holder.id, { ...this.marks.of(holder.id), kit: isBack ? others : others.concat(kit) });
  }

  lentAt(place) {
    return (this.marks.of(place.id) || {}).kit || [];
  }

  /** What this kiosk lent to somebody and has not had back. */
  lentTo(person) {
    return person.places.flatMap((place) => this.lentAt(place));
  }
}
