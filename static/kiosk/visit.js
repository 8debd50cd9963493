// A visit: from the idle screen to one person's answer and back. A new scan always wins at once: the screen, or a line on it.
import * as note from "./note.js";
import { play } from "./sound.js";
import { current, refill, released, show } from "./screens.js";
import { kitButton, scene, screenOf, tell } from "./telling.js";
import * as time from "./time.js";
import { MANUAL, STAY, STILL, Timer } from "./timer.js";
import { byText, nearest, proven } from "./ways.js";
import { say, speak, spoken } from "./words.js";

const MOST_NAMES = 4;
// Screens with keys on which a first digit belongs to the next person.
const STARTS_ANEW = ["pick", "months", "unread", "stale", "nobody", "wrong", "help", "paused", "early", "over", "recorded", "undone", "paper", "in", "out", "swap", "already", "done"];
const MONTHS = Array.from({ length: 12 }, (_, at) => ({ month: String(at + 1).padStart(2, "0"), label: String(at + 1) }));

export class Visit {
  constructor(app) {
    this.app = app;
    this.timer = new Timer();
    this.queueing = Promise.resolve();
    app.pad.changed = (digits) => this.typing(digits);
  }

  /** One thing after the other: a scan that comes while another is being kept waits for it. */
  inTurn(work) {
    this.queueing = this.queueing.then(work).catch((reason) => this.fail(reason));
    return this.queueing;
  }

  fail(reason) {
    console.error(reason);
    this.app.leader.close();
    this.go("help", { broken: true });
  }

  /** Show a screen and begin its time. */
  go(name, values = {}, { digits = null, sound = "", length = 4, secret = false, seconds = STAY[name], undo = null } = {}) {
    show(name, { ...values, offline: this.app.isOffline });
    this.app.pad.expect(length, digits || ((typed) => this.byTail(typed)), { secret });
    if (sound) play(sound);
    this.undoable = undo;
    if (seconds) this.timer.start(seconds, () => this.idle());
    else this.stay();
  }

  /** Manual screens: a minute, then "are you still there?" for ten seconds. */
  stay() {
    this.timer.start(MANUAL, () => this.ask());
  }

  ask() {
    const dialog = document.getElementById("still");
    this.before = document.activeElement;
    dialog.querySelector("p").textContent = say("still_there");
    dialog.querySelector("button").textContent = say("still_yes");
    dialog.hidden = false;
    dialog.querySelector("button").focus();
    this.timer.start(STILL, () => this.idle());
  }

  isStill() {
    document.getElementById("still").hidden = true;
    this.before.focus();
    this.stay();
  }

  get isAsking() {
    return !document.getElementById("still").hidden;
  }

  /** Back to the beginning: in Chinese, without a name, without digits. */
  idle({ language = "zh" } = {}) {
    document.getElementById("still").hidden = true;
    this.one = this.undoable = this.chosen = this.month = null;
    this.app.leader.close();
    speak(language);
    this.app.top.draw();
    this.home();
  }

  /** Which of the idle screens stands there; in another language only for a while. */
  home() {
    const { name, values } = this.beginning();
    show(name, values);
    this.app.camera.place();
    this.app.pad.expect(4, (typed) => this.byTail(typed));
    if (spoken() === "zh") this.timer.stop();
    else this.timer.start(STAY.language, () => this.idle());
  }

  /** Something behind the idle screen moved: it stays and takes the new values, unless another one is due. */
  async refresh() {
    const isDue = () => this.isHome && !this.app.pad.digits;
    if (isDue() && this.beginning().name !== current()) await released();
    if (!isDue()) return;
    const { name, values } = this.beginning();
    if (name !== current()) return this.home();
    refill(values);
    this.app.camera.place();
  }

  beginning() {
    const { app } = this;
    const name = app.roster.isMissing ? "empty" : app.isOffline ? "offline" : "idle";
    const values = { ...scene(app), queued: app.queue.length, roster_at: app.roster.data.fetched ? time.clock(app.roster.data.fetched) : "" };
    values.queue = app.top.queueWords();
    values.saved = say("list_of", { time: values.roster_at });
    return { name, values: { ...values, camera: app.camera.state === "on" } };
  }

  get isHome() {
    return ["idle", "offline", "empty"].includes(current());
  }

  /** Half-typed digits do not stay. On a screen that was about somebody else they begin anew. */
  typing(digits) {
    if (!digits) return;
    if (this.isHome) this.timer.start(STAY.digits, () => this.idle({ language: spoken() }));
    else this.timer.renew();
  }

  key(name) {
    if (this.app.attempts.isPaused) return current() === "paused" ? null : this.pause();
    if (STARTS_ANEW.includes(current()) && this.app.pad.digits.length === 0 && /^\d$/.test(name)) {
      this.home();
    }
    this.app.pad.press(name);
  }

  scan(text, way) {
    return this.inTurn(() => this.byText(text, way).catch((reason) => this.lose(reason)));
  }

  /** What could not be kept is nobody's form's or list's fault. */
  lose(reason) {
    if (!this.isTaken) throw reason;
    console.error(reason);
    return this.answer("help");
  }

  /** Somebody is at work here: the leader, or whoever joins on the spot. */
  get isTaken() {
    return this.app.leader.isOpen || current() === "walk_in";
  }

  /** What came of a scan: a screen of its own, or a line on top of the page that somebody else works on. */
  answer(name, values = {}, more = {}) {
    note.clear();
    if (!this.isTaken) return this.go(name, values, more);
    this.aside(name, values, more.sound);
    return this.app.leader.redraw();
  }

  /** In one line, with its sound. */
  aside(name, values, sound = "no") {
    play(sound);
    note.tell(say(`note_${name}`, values), sound === "yes");
  }

  async byText(text, way) {
    const { app } = this;
    if (this.isTaken && this.isAsking) this.idle(); // nobody is at work any more
    const found = await byText(app.roster, text);
    if (found.person) return this.check(found.person, way);
    if (found.card) return this.card(found.card, way === "phone" ? "card" : way);
    if (found.unknown) return this.unknown(found.unknown, way === "phone" && !found.unknown.alias ? "card" : way);
    return this.answer(found.stale ? "stale" : "unread", {}, { sound: "no" });
  }

  async unknown(unknown, way) {
    const isNew = await this.app.punching.record(unknown, way);
    if (isNew) this.app.sync.soon();
    return this.answer("recorded", { time: time.clock(time.now()) }, { sound: "yes" });
  }

  card(people, way) {
    const prove = async (digits) => {
      const mine = await proven(this.app.roster, people, "tail", digits);
      if (!mine.length) return this.miss("wrong");
      return this.check(nearest(mine, this.app.roster.settings), way);
    };
    return this.answer("card", {}, { digits: (typed) => this.inTurn(() => prove(typed)) });
  }

  byTail(digits) {
    return this.inTurn(async () => {
      const people = await this.app.roster.holders(`tail:${digits}`);
      if (!people.length) return this.miss("nobody", { digits });
      if (people.length > MOST_NAMES) return this.byMonth(digits, people);
      return this.pick(digits, people, { isProven: people.length === 1 });
    });
  }

  /** Masked names of at most four; a tap on one of several still has to prove who it is. */
  pick(digits, people, { isProven }) {
    const names = people.map((person, at) => ({ at: String(at), name: person.name, job: this.jobOf(person) }));
    this.chosen = (at) => (isProven ? this.check(people[at], "tail") : this.prove(people[at]));
    this.go("pick", { names, many: people.length > 2 ? "yes" : null, count: say(people.length === 1 ? "tail_one" : "tail_many", { digits, count: people.length }) });
    this.app.pad.digits = digits;
    this.app.pad.draw();
    this.app.pad.digits = "";
  }

  jobOf(person) {
    const { shift } = nearest([person], this.app.roster.settings).places[0];
    return [shift.post || shift.name, shift.role && say(`role_${shift.role}`)].filter(Boolean).join(" · ");
  }

  /** More than four: the month of birth first. */
  byMonth(digits, people) {
    this.month = async (month) => {
      const mine = await proven(this.app.roster, people, "month", month);
      if (!mine.length) return this.miss("wrong");
      if (mine.length > MOST_NAMES) return this.go("help", { many: true }, { sound: "no" });
      return this.pick(digits, mine, { isProven: true });
    };
    this.go("months", { months: MONTHS, count: say("tail_many", { digits, count: people.length }) });
  }

  /** The month of birth by one tap, or the card's PIN by the keys. */
  prove(person) {
    const has = (kind) => person.rows.some((row) => row[kind]);
    if (!has("month") && !has("pin")) return this.go("help", { many: true }, { sound: "no" });
    const prove = async (kind, digits) => {
      const mine = await proven(this.app.roster, [person], kind, digits);
      return mine.length ? this.check(person, "tail") : this.miss("wrong");
    };
    this.month = (month) => prove("month", month);
    const values = { name: person.name, months: has("month") ? MONTHS : [], has_month: has("month"), has_pin: has("pin") };
    this.go("prove", values, { digits: (typed) => this.inTurn(() => prove("pin", typed)), secret: true });
  }

  miss(screen, values = {}) {
    if (this.app.attempts.miss()) return this.pause();
    this.go(screen, values, { sound: "no" });
  }

  pause() {
    this.go("paused", {}, { sound: "no", seconds: this.app.attempts.secondsLeft });
  }

  /** The answer to one person, kept before it is shown. */
  async check(person, way) {
    const { app } = this;
    const found = await app.punching.check(person, way);
    this.one = found;
    if (found.kind === "unknown") return this.unknown({ event: person.event, alias: person.alias }, way);
    const isYes = ["coming", "going", "handover"].includes(found.kind);
    const sound = isYes || found.kind === "already" ? "yes" : "no";
    if (isYes) app.sync.soon();
    return this.answer(screenOf(found), tell(found, app), { sound, undo: app.punching.lastOf(found.next || found.place) });
  }

  /** Somebody who joined on the spot: registered and in by one answer of the server. */
  welcome(person, id) {
    const place = person.places.find((one) => one.id === id);
    this.one = { kind: "coming", person, place, at: time.now(), late: 0 };
    this.go("in", tell(this.one, this.app), { sound: "yes" });
  }

  undo() {
    const last = this.undoable;
    if (!last) return null;
    this.undoable = null;
    return this.inTurn(async () => {
      await this.app.punching.undo(last);
      this.app.sync.soon();
      this.go("undone", {}, { sound: "yes" });
    });
  }

  /** Kit on the green screen: one tap takes, another gives back. */
  kit(button) {
    const found = this.one;
    if (!found) return null;
    return this.inTurn(async () => {
      const isGoing = found.kind === "going";
      const isDone = button.getAttribute("aria-pressed") !== "true";
      await this.app.punching.hand(found.person, found.place, button.dataset.kit, isGoing === isDone);
      const now = kitButton(button.dataset.kit, isDone, isGoing);
      button.textContent = now.words;
      button.setAttribute("aria-pressed", now.pressed);
      this.app.sync.soon();
      this.timer.renew();
    });
  }

  help() {
    this.go("help", { rung: play("bell") });
  }

  switchLanguage() {
    const next = spoken() === "zh" ? "en" : "zh";
    if (!this.app.leader.isOpen) return this.idle({ language: next });
    speak(next);
    this.app.top.draw();
    return this.app.leader.again();
  }
}
