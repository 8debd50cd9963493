// Telling: what a decision says on its screen, in the words of this visit.
import * as time from "./time.js";
import { say } from "./words.js";

const SCREENS = { coming: "in", going: "out", handover: "swap", already: "already", early: "early", done: "done", over: "over", unknown: "recorded" };

export const screenOf = (found) => SCREENS[found.kind];

function span(whole) {
  const values = { hours: Math.floor(whole / 60), minutes: whole % 60 };
  if (!values.hours) return say("minutes", values);
  return say(values.minutes ? "hours_minutes" : "hours", values);
}

/** The time of a moment that is to come, and the day where it is not today. */
export const when = (moment, from) => say(["today", "tomorrow", "day_after"][time.daysAhead(moment, from)], { time: time.clock(moment) });

/** When what began at a moment ends: 9:00, 24:00 at midnight, the hour with its day where it ends on the next one. */
export function until(ends, begin) {
  const hour = time.clock(ends);
  if (!time.daysAhead(ends, begin)) return hour;
  return /^0?0:00$/.test(hour) ? "24:00" : say("next_day", { hour });
}

/** From when to when a shift or a place on it is. */
export const hours = ({ starts, ends }) => `${time.clock(starts)}–${until(ends, starts)}`;

const job = (shift) => [shift.post, shift.corner, shift.role && say(`role_${shift.role}`)].filter(Boolean).join(" · ");

/** Values of the screen of a decision. */
export function tell(found, app) {
  const { place, person } = found;
  const shift = (found.next || place).shift;
  const values = {
    name: person.name, greeting: say(time.greeting(found.at)), time: time.clock(found.at), job: job(shift), shift: shift.name,
    length: span(Math.round((shift.ends - shift.starts) / 60000)), starts: time.clock(shift.starts), ends: until(shift.ends, shift.starts), undo: Boolean(app.punching.lastOf(place)),
    late: found.late ? say("late", { minutes: span(found.late) }) : "",
    early: found.early ? say("left_early", { minutes: span(found.early) }) : "",
    from: found.from ? when(found.from, found.at) : "", begins: when(place.starts, found.at),
    came: place.in ? time.clock(place.in) : "", went: place.out ? time.clock(place.out) : "",
  };
  if (found.kind === "going" || found.kind === "handover") values.stayed = span(Math.round((found.at - place.in) / 60000));
  if (found.next) values.before = job(place.shift);
  return { ...values, ...gain(found, app.roster, shift), ...kit(found, app) };
}

/** Points to come, stars and hours, which only the person sees, and as how many-th one came. */
function gain(found, roster, shift) {
  const { stars, hours, next } = found.person.row;
  const values = { points: shift.points ? `+${shift.points}` : "", hours, next: next ? next.toLocaleString("en") : "" };
  values.left = next ? Math.max(0, next - hours) : 0;
  values.next_star = next ? say(`star_${stars + 1}`) : "";
  values.rank = stars ? say("rank", { star: say(`star_${stars}`), hours }) : say("rank_none", { hours });
  for (let step = 1; step <= 5; step += 1) {
    values[`step_${step}`] = step < stars ? "got" : step === stars ? "now" : step === stars + 1 ? "next" : "";
    values[`on_${step}`] = step <= stars;
    values[`here_${step}`] = step === stars;
  }
  const together = [...roster.shifts.values()].filter((other) => other.event === shift.event && other.starts === shift.starts);
  values.order = roster.placesOf(together).filter((place) => place.in).length;
  return values;
}

/** Kit as buttons: to take when coming, to give back when going. What another kiosk lent is not known here, so all can come back. */
function kit(found, app) {
  const isGoing = found.kind === "going";
  const out = app.punching.lentTo(found.person);
  const whole = (app.roster.events.get(found.person.event) || {}).kit || [];
  const shown = isGoing && out.length ? out : whole;
  return {
    has_kit: shown.length > 0 && ["coming", "going"].includes(found.kind),
    kit: shown.map((name) => kitButton(name, !isGoing && out.includes(name), isGoing)),
  };
}

/** A button that is pressed says what was done: taken, or given back. */
export function kitButton(name, isDone, isGoing) {
  const word = isGoing ? (isDone ? "kit_back" : "kit_return") : isDone ? "kit_taken" : "kit_take";
  return { name, words: say(word, { kit: name }), pressed: String(isDone) };
}

/** The line above the title of the idle screen. */
export function scene(app) {
  const now = time.now();
  const shifts = app.roster.shiftsAt(now);
  if (!shifts.length) return { has_event: false };
  const places = app.roster.placesOf(shifts);
  const came = places.filter((place) => place.in).length;
  const first = shifts[0];
  const event = app.roster.events.get(first.event);
  const values = { starts: when(first.starts, now), ends: until(first.ends, first.starts), came, left: places.length - came };
  return { has_event: true, event: [event.name, first.name].filter(Boolean).join(" · "), counts: say("counts", values), window: `${values.starts}–${values.ends}` };
}
