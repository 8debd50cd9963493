// Joining on the spot: the least that is needed, sent at once; without a network it goes on paper.
import { Revoked, Unreachable } from "./link.js";
import * as time from "./time.js";
import { uuid } from "./bytes.js";
import { hours } from "./telling.js";
import { say } from "./words.js";

/** A day as the protocol writes it, from 19610402, 1961-4-2 or 1961年4月2日; "" where it is none. */
export function birthday(text) {
  const plain = text.normalize("NFKC").trim();
  const found = /^(\d{4})(\d{2})(\d{2})$/.exec(plain) || /^(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(plain);
  if (!found) return "";
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay && year >= 1900 && date.getTime() < time.now() ? date.toISOString().slice(0, 10) : "";
}

export class WalkIn {
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const shifts = this.shifts();
    if (app.isOffline || !shifts.length) return app.visit.go("paper", { none: !shifts.length && !app.isOffline });
    this.scan = uuid(); // the same for each try of this form: asked twice, joined once
    app.visit.go("walk_in", { shifts: shifts.map((shift) => this.choice(shift)) }, { digits: () => null, seconds: 0 });
    const first = document.querySelector("#main input[type=radio]");
    if (first) first.checked = true;
    this.brief(document.querySelector("#main form"));
    return document.querySelector("#main input[name=name]").focus();
  }

  shifts() {
    const now = time.now();
    const early = this.app.roster.settings.early_minutes * 60000;
    return [...this.app.roster.shifts.values()]
      .filter((shift) => shift.starts - early <= now && now < shift.ends)
      .sort((a, b) => a.starts - b.starts || a.id - b.id)
      .slice(0, 4);
  }

  choice(shift) {
    const event = this.app.roster.events.get(shift.event);
    return { id: String(shift.id), event: event.name, words: [shift.post || shift.name, hours(shift)].join(" · ") };
  }

  /** What has to be read for the shift that is chosen; another event has words of its own, and they are not read yet. */
  brief(form) {
    const shift = this.app.roster.shifts.get(Number(form.elements.shift.value));
    const words = (shift && this.app.roster.events.get(shift.event).briefing) || "";
    const line = form.querySelector("[data-briefing]");
    const place = line.querySelector("small");
    if (place.textContent !== words) form.elements.briefing.checked = false;
    place.textContent = words;
    line.hidden = !words;
  }

  /** Under the form that was sent. Where it is gone, one line tells whoever is still near: the server kept nothing of it. */
  complain(form, word, field) {
    if (!form.isConnected) return this.app.visit.aside("walk_in", { why: word.startsWith("=") ? word.slice(1) : say(word === "too_often" ? word : "walk_in_on_paper") });
    const line = form.querySelector("[data-wrong]");
    line.hidden = false;
    line.textContent = word.startsWith("=") ? word.slice(1) : say(word);
    if (field) field.focus();
    return null;
  }

  async send(form) {
    const { app } = this;
    const { name, phone, shift, birth, briefing } = form.elements;
    const digits = phone.value.normalize("NFKC").replace(/\D/g, "");
    if (name.value.trim().length < 2) return this.complain(form, "walk_in_name", name);
    if (!/^1\d{10}$/.test(digits)) return this.complain(form, "walk_in_phone", phone);
    const born = birthday(birth.value);
    if (!born) return this.complain(form, "walk_in_birth", birth);
    if (!form.querySelector("[data-briefing]").hidden && !briefing.checked) return this.complain(form, "walk_in_briefing", briefing);
    const body = {
      scan_id: this.scan, shift: Number(shift.value), name: name.value.trim(), phone: digits, birth_date: born, has_read_briefing: briefing.checked,
      at: new Date().toISOString(), offset: time.measured(),
    };
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await app.sync.ask("POST", "/walk-ins", { body });
      if (answer.status >= 400) return this.complain(form, `=${answer.body.sentence}`);
      return await this.take(form, answer.body);
    } catch (reason) {
      if (reason instanceof Revoked) return app.sync.revoked(reason.message);
      if (!(reason instanceof Unreachable)) throw reason;
      return this.complain(form, reason.message === "429" ? "too_often" : "walk_in_no_network");
    } finally {
      button.disabled = false;
    }
  }

  /** The answer may come late: it does not take the screen from the next person. */
  async take(form, answer) {
    const { app } = this;
    const isFree = () => form.isConnected || (app.visit.isHome && !app.pad.digits);
    if (answer.outcome === "refused") return this.complain(form, `=${answer.words}`);
    if (answer.outcome === "undecided" || !answer.person) return isFree() && app.visit.go("recorded", { time: time.clock(time.now()) }, { sound: "yes" });
    await app.roster.include(answer.person);
    const event = app.roster.shifts.get(answer.person.shift).event;
    const person = app.roster.person(event, answer.person.alias);
    return isFree() && app.visit.welcome(person, answer.person.place);
  }
}
