// The leader's side, behind the PIN: tick list, board, self-check, sound. Leaving it closes it.
import { base64, fromBase64, utf8 } from "./bytes.js";
import { presence } from "./decide.js";
import { draw, released, show } from "./screens.js";
import { muted, mute, play } from "./sound.js";
import { hours } from "./telling.js";
import * as time from "./time.js";
import { say } from "./words.js";

const HOUR = 3600000;
const ROWS = 6; // as many as stand on the smaller screen without scrolling
const ON_BOARD = 18;
const PIN_LENGTH = 8;
const BLINK = 1000;

/** Whether this is the leader's PIN (PBKDF2, so that a stolen roster does not give it away quickly). */
export async function opens(leader, pin) {
  const key = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64(leader.salt), iterations: leader.rounds };
  return base64(await crypto.subtle.deriveBits(how, key, 256)) === leader.digest;
}

export class Leader {
  constructor(app) {
    this.app = app;
    this.isOpen = false;
    this.page = 0;
  }

  /** The PIN is asked for each time. */
  knock() {
    if (this.app.attempts.isPaused) return this.app.visit.pause();
    const { leader } = this.app.roster.data;
    if (!leader) return this.app.visit.go("help", { no_pin: true });
    return this.app.visit.go("pin", {}, { digits: () => null, length: PIN_LENGTH, secret: true, seconds: 20 });
  }

  /** The PIN has four to eight digits, so it ends with a key. */
  enter() {
    return this.app.visit.inTurn(() => this.open(this.app.pad.digits));
  }

  async open(pin) {
    if (!(await opens(this.app.roster.data.leader, pin))) return this.app.visit.miss("wrong");
    this.isOpen = true;
    return this.menu();
  }

  close() {
    this.isOpen = false;
    this.at = null;
  }

  /** The page that stands there once more, in the language that is spoken now. */
  again() {
    return { leader: () => this.menu(), list: () => this.list(this.page), board: () => this.board(), self: () => this.self() }[this.at]();
  }

  get isAtMenu() {
    return this.isOpen && this.at === "leader";
  }

  view(name, values) {
    this.at = name;
    show(name, values);
    this.app.visit.stay();
  }

  /** Somebody came by a scan: list and board take it in, say nothing – the note does – and their minute runs on. */
  async redraw() {
    await released();
    if (this.app.visit.isAsking) return;
    if (this.at === "list") draw("list", this.rows());
    if (this.at === "board") draw("board", this.groups());
  }

  menu() {
    const { app } = this;
    this.view("leader", {
      queue: app.top.queueWords() || say("queue_none"), sound: say(muted() ? "sound_off" : "sound_on"), sound_do: say(muted() ? "sound_turn_on" : "sound_turn_off"),
      synced: app.sync.doneAt ? say("synced", { time: time.clock(app.sync.doneAt) }) : "",
      undecided: app.sync.last.undecided ? say("undecided", { count: app.sync.last.undecided }) : "",
    });
  }

  sound() {
    mute(!muted());
    this.app.store.put("plain", "muted", muted());
    play("yes");
    this.menu();
  }

  /** Shifts that are on, were on, or come within half a day: the nearest first. */
  shifts() {
    const now = time.now();
    const near = [...this.app.roster.shifts.values()].filter((shift) => shift.ends > now - 4 * HOUR && shift.starts < now + 12 * HOUR);
    return near.sort((a, b) => Math.abs(a.starts - now) - Math.abs(b.starts - now) || a.id - b.id);
  }

  places() {
    const order = new Map(this.shifts().map((shift, at) => [shift.id, at]));
    const places = this.app.roster.placesOf(this.shifts());
    return places.sort((a, b) => order.get(a.shift.id) - order.get(b.shift.id) || a.row.name.localeCompare(b.row.name, "zh"));
  }

  list(page = 0, told = "") {
    this.page = page;
    this.view("list", { ...this.rows(), told });
  }

  /** What stands on the page of the list, or on the last one where there are no longer so many. */
  rows() {
    const places = this.places();
    const pages = Math.max(1, Math.ceil(places.length / ROWS));
    this.page = Math.min(Math.max(0, this.page), pages - 1);
    const rows = places.slice(this.page * ROWS, (this.page + 1) * ROWS).map((place) => this.row(place));
    return { rows, none: !places.length, page: say("page", { page: this.page + 1, pages }), is_first: this.page === 0, is_last: this.page === pages - 1 };
  }

  row(place) {
    const state = presence(place, time.now(), this.app.roster.settings);
    return {
      place: String(place.id), name: place.row.name, state: say(`is_${state}`), can_in: !place.in, can_out: Boolean(place.in) && !place.out,
      job: [place.shift.post || place.shift.name, hours(place)].join(" · "),
      times: [place.in && say("came_at", { time: time.clock(place.in) }), place.out && say("went_at", { time: time.clock(place.out) })].filter(Boolean).join(" "),
      undo: Boolean(this.app.punching.lastOf(place)), in_label: say("tick_in", { name: place.row.name }), out_label: say("tick_out", { name: place.row.name }),
      undo_label: say("tick_undo", { name: place.row.name }),
    };
  }

  /** A tick in the list: came, went, or the last tick taken back. Who left the list meanwhile is not brought back to it. */
  tick(id, what) {
    return this.app.visit.inTurn(async () => {
      const row = this.app.roster.byPlace.get(Number(id));
      if (row) await this.mark(this.app.roster.place(row), what); // else it was cancelled since the list was drawn
      await released();
      if (this.at === "list") this.list(this.page, row ? this.told(row) : "");
    });
  }

  async mark(place, what) {
    const { punching, sync } = this.app;
    const last = punching.lastOf(place);
    if (last && time.now() - last.at < BLINK) return; // meant for the button that stood here until they came by a scan or the tap before
    if (what !== "undo") await punching.keep({ event: place.shift.event, alias: place.row.alias }, [[place, what]], "list");
    else if (last) await punching.undo(last);
    else return; // its two minutes passed
    play("yes");
    sync.soon();
  }

  /** How it stands with one place now, for those who do not see the list. */
  told(row) {
    const { name, state, times } = this.row(this.app.roster.place(row));
    return [name, state, times].filter(Boolean).join(" ");
  }

  board() {
    this.view("board", this.groups());
  }

  groups() {
    const now = time.now();
    const groups = { here: [], late: [], missing: [], coming: [], gone: [] };
    for (const place of this.places()) groups[presence(place, now, this.app.roster.settings)].push(place);
    const values = {};
    for (const [name, places] of Object.entries(groups)) {
      values[name] = places.slice(0, ON_BOARD).map((place) => ({ name: place.row.name, post: place.shift.post || place.shift.name }));
      values[`${name}_count`] = places.length;
      values[`${name}_more`] = places.length > ON_BOARD ? say("and_more", { count: places.length - ON_BOARD }) : "";
    }
    return values;
  }

  async self() {
    const { app } = this;
    const isKept = await app.isPersisted();
    if (!this.isOpen) return;
    const checks = [
      ["camera", say(`camera_${app.camera.state}`), app.camera.state === "on"],
      ["network", say(app.isOffline ? "no_network" : "network_fine"), !app.isOffline],
      ["roster", app.roster.isMissing ? say("no_list") : say("list_of", { time: time.clock(app.roster.data.fetched) }), !app.roster.isMissing],
      ["queue", app.top.queueWords() || say("queue_none"), app.queue.length === 0],
      ["clock", time.sure() ? say("clock_off", { seconds: Math.round(Math.abs(time.measured())) }) : say("clock_unsure"), time.sure() && Math.abs(time.measured()) < 60],
      ["storage", say(isKept ? "storage_kept" : "storage_may_go"), isKept],
      ["awake", say(app.staysAwake ? "awake_yes" : "awake_no"), app.staysAwake],
      ["version", app.version, true],
    ];
    this.view("self", { checks: checks.map(([name, words, fine]) => ({ label: say(`check_${name}`), words, fine })) });
  }
}
