// What the kiosk decides by itself (docs/kiosk.md): pure functions of a person's places, the time and the city's settings.
const MINUTE = 60000;
const HAND_OVER_BEFORE_END = 15;
const HAND_OVER_GAP = 30;

const isUntouched = (place) => !place.in && !place.out;
const byStart = (a, b) => a.starts - b.starts;
const minutes = (span) => Math.round(span / MINUTE);

/**
 * The decision for one person at one moment.
 * places: [{starts, ends, in, out}] of one person in one event, moments in milliseconds or null; now in milliseconds, corrected.
 * Answers {kind, place, …}: coming {late}, going {early}, handover {next}, already, early {from}, done, or unknown.
 */
export function decide(places, now, settings) {
  if (!places.length) return { kind: "unknown" };
  const here = places.filter((place) => place.in && !place.out).sort((a, b) => b.in - a.in)[0];
  if (here) return leaving(here, places, now, settings);
  const untouched = places.filter(isUntouched).sort(byStart);
  const open = untouched.find((place) => now >= place.starts - settings.early_minutes * MINUTE && now < place.ends);
  if (open) return { kind: "coming", place: open, late: lateness(open, now, settings) };
  const later = untouched.find((place) => place.starts > now);
  if (later) return { kind: "early", place: later, from: later.starts - settings.early_minutes * MINUTE };
  const last = places.filter((place) => place.out).sort((a, b) => b.out - a.out)[0];
  return last ? { kind: "done", place: last } : { kind: "over", place: places.slice().sort(byStart)[places.length - 1] };
}

function leaving(here, places, now, settings) {
  if (now - here.in < settings.again_minutes * MINUTE) return { kind: "already", place: here };
  const isEnding = here.ends - now <= HAND_OVER_BEFORE_END * MINUTE;
  const next = places
    .filter((place) => place !== here && isUntouched(place) && place.ends > now && place.starts - now <= HAND_OVER_GAP * MINUTE)
    .sort(byStart)[0];
  if (isEnding && next) return { kind: "handover", place: here, next, late: lateness(next, now, settings) };
  return { kind: "going", place: here, early: Math.max(0, minutes(here.ends - now)) };
}

function lateness(place, now, settings) {
  const late = minutes(now - place.starts);
  return late > settings.late_minutes ? late : 0;
}

/** What the leader's board calls one place: coming, here, late (not here yet), missing, gone. */
export function presence(place, now, settings) {
  if (place.out) return "gone";
  if (place.in) return "here";
  if (now < place.starts + settings.late_minutes * MINUTE) return "coming";
  return now < place.starts + HAND_OVER_GAP * MINUTE && now < place.ends ? "late" : "missing";
}

/** Whether something this kiosk did may still be taken back. */
export const canUndo = (at, now) => at !== null && now - at <= 2 * MINUTE;
