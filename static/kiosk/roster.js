// The roster: who is expected in the next 36 hours, by opaque ids and keyed digests; opened, searched, brought up to date.
import { fromBase64 } from "./bytes.js";
import { digest, eventKey } from "./codes.js";
import { now } from "./time.js";

const ms = (moment) => (moment ? Date.parse(moment) : null);
const DEFAULTS = { early_minutes: 120, again_minutes: 10, late_minutes: 10 };

export class Roster {
  constructor(store, marks) {
    this.store = store;
    this.marks = marks;
    this.keys = new Map(); // event → HMAC key
    this.empty();
  }

  empty() {
    this.data = { cursor: null, etag: null, fetched: null, expires_at: null, leader: null, settings: DEFAULTS, events: [], shifts: [], people: [] };
    this.index();
  }

  async load() {
    const data = await this.store.read("roster");
    if (!data) return this;
    for (const event of data.events) this.keys.set(event.id, await this.store.get("keys", `event:${event.id}`));
    this.data = data;
    this.index();
    return this;
  }

  get settings() {
    return this.data.settings;
  }

  get isMissing() {
    return this.data.fetched === null;
  }

  hasExpired(now) {
    return this.data.expires_at !== null && now > Date.parse(this.data.expires_at);
  }

  /** A whole roster replaces; a delta puts in what changed and takes off what is gone. People of shifts gone by go, too. */
  async apply(answer, etag) {
    const people = answer.whole ? new Map() : new Map(this.data.people.map((row) => [row.place, row]));
    const known = new Set(answer.shifts.map((shift) => shift.id));
    for (const row of answer.people) people.set(row.place, row);
    for (const [place, row] of people) if (row.gone || !known.has(row.shift)) people.delete(place);
    for (const event of answer.events) await this.learn(event);
    const { cursor, expires_at, leader, settings, shifts } = answer;
    const events = answer.events.map(({ key, ...rest }) => rest);
    this.data = {
      cursor, etag, expires_at, leader, shifts, events,
      settings: { ...DEFAULTS, ...settings }, people: [...people.values()], fetched: now(),
    };
    await this.store.write("roster", this.data);
    this.index();
  }

  async learn(event) {
    const key = await eventKey(fromBase64(event.key));
    this.keys.set(event.id, key);
    await this.store.put("keys", `event:${event.id}`, key);
  }

  /** Somebody who just joined on the spot. */
  async include(row) {
    this.data.people = this.data.people.filter((other) => other.place !== row.place).concat(row);
    await this.store.write("roster", this.data);
    this.index();
  }

  /** What is on the device goes; keys of events with it. */
  async forget() {
    const names = [...this.keys.keys()].map((id) => `event:${id}`);
    this.keys.clear();
    this.empty();
    await this.store.remove("sealed", "roster");
    if (names.length) await this.store.remove("keys", ...names);
  }

  index() {
    this.shifts = new Map(this.data.shifts.map((shift) => [shift.id, { ...shift, starts: ms(shift.starts_at), ends: ms(shift.ends_at) }]));
    this.events = new Map(this.data.events.map((event) => [event.id, event]));
    this.byPlace = new Map();
    this.byAlias = new Map();
    this.byDigest = new Map();
    for (const row of this.data.people) {
      const shift = this.shifts.get(row.shift);
      if (!shift) continue;
      this.byPlace.set(row.place, row);
      push(this.byAlias, `${shift.event}:${row.alias}`, row);
      if (row.tail) push(this.byDigest, `${shift.event}:${row.tail}`, row);
      if (row.card) push(this.byDigest, `${shift.event}:${row.card}`, row);
    }
  }

  /** One place as the decisions read it: moments in milliseconds, what this kiosk did on top of what the server said. */
  place(row) {
    const shift = this.shifts.get(row.shift);
    const mark = this.marks.of(row.place);
    const known = { row, id: row.place, shift, starts: shift.starts, ends: shift.ends, in: ms(row.in), out: ms(row.out), mark };
    if (mark && "in" in mark) known.in = mark.in;
    if (mark && "out" in mark) known.out = mark.out;
    return known;
  }

  /** A person of one event, or null: {event, alias, name, row, places}. */
  person(event, alias) {
    const rows = this.byAlias.get(`${event}:${alias}`);
    return rows ? { event, alias, name: rows[0].name, row: rows[rows.length - 1], rows, places: rows.map((row) => this.place(row)) } : null;
  }

  /** Everybody, of any event, for whom this digest stands: "tail:4821", "card:…". */
  async holders(words) {
    const found = new Map();
    for (const [event, key] of this.keys) {
      for (const row of this.byDigest.get(`${event}:${await digest(key, words)}`) || []) found.set(`${event}:${row.alias}`, [event, row.alias]);
    }
    return [...found.values()].map(([event, alias]) => this.person(event, alias));
  }

  /** Whether a secret of this person ("month" with two digits, "pin" or "tail" with four) is the one typed. */
  async proves(person, kind, digits) {
    const words = kind === "tail" ? `tail:${digits}` : `${kind}:${person.alias}:${digits}`;
    const wanted = await digest(this.keys.get(person.event), words);
    return person.rows.some((row) => row[kind] === wanted);
  }

  placesOf(shifts) {
    const wanted = new Set(shifts.map((shift) => shift.id));
    return this.data.people.filter((row) => wanted.has(row.shift)).map((row) => this.place(row));
  }

  /** The shifts that stand on the screen: of one event, with the start that is nearest now; [] where nothing comes. */
  shiftsAt(now) {
    const coming = [...this.shifts.values()].filter((shift) => shift.ends > now).sort((a, b) => a.starts - b.starts);
    const first = coming[0];
    return first ? coming.filter((shift) => shift.event === first.event && shift.starts === first.starts) : [];
  }
}

function push(map, key, row) {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}
