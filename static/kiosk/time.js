// The time: what the server said, carried on by a counter that nobody sets; and how moments are written on the screen.
// The device's own clock may be set at any moment. A jump of it against the counter is noticed: the time is carried on, but
// not vouched for any more, until the server is asked again (docs/kiosk.md, "A clock that is set").
const ZONE = document.documentElement.dataset.zone || undefined;
const HOUR_MINUTE = new Intl.DateTimeFormat("zh-CN", { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: ZONE });

const DAY = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: ZONE });

const JUMP = 30000; // milliseconds; a network that sets the clock right bit by bit stays below
const GAP = 120000; // of a page that was closed: longer, and nobody knows what happened to the clock

const wall = () => Date.now();
const counter = () => performance.now();

let offset = 0; // server less device, in milliseconds
let anchor = { wall: wall(), counter: counter() };
let isSure = true;
let era = 1; // grows whenever the clock may have been set: scans of one era have one true offset
let wasHidden = false;
let keep = () => null;

/** Seconds that the server is ahead of this device, as last measured or carried on. */
export const measured = () => Math.round(offset) / 1000;

/** Whether the time can be vouched for. */
export const sure = () => isSure;

/** What the device knows of its time now, as a scan keeps it. */
export function stamp() {
  watch();
  return { at: new Date(wall()).toISOString(), offset: measured(), sure: isSure, era };
}

/** The server was asked: from here on the time is right. Answers the era whose scans had this offset all along. */
export function correct(seconds) {
  watch();
  const known = era;
  offset = Math.round(seconds * 1000);
  anchor = { wall: wall(), counter: counter() };
  if (!isSure) era += 1;
  isSure = true;
  remember();
  return known;
}

/** Corrected time in milliseconds. */
export function now() {
  watch();
  return wall() + offset;
}

/** Notice that the clock was set: it moved against the counter. Set while the page was in sight, the time goes on as the
 * counter has it; set, or slept through, behind another page, nobody can tell which, and the clock is believed for a while. */
export function watch() {
  const jump = wall() - anchor.wall - (counter() - anchor.counter);
  if (Math.abs(jump) < JUMP) return;
  if (jump < 0 || !wasHidden) offset -= jump;
  anchor = { wall: wall(), counter: counter() };
  isSure = false;
  era += 1;
  wasHidden = document.hidden;
  remember();
}

const remember = () => keep({ offset, isSure, era, wall: wall() });

/** Carry on from what was kept before the page was opened again; keeps itself from here on. Before this, nothing is kept. */
export function resume(kept, keeper) {
  keep = keeper;
  if (kept) {
    ({ offset, isSure, era } = kept);
    const gap = wall() - kept.wall;
    // The counter began anew with the page: a clock that went back was set; after a long while nobody knows.
    if (gap < -JUMP || gap > GAP) {
      isSure = false;
      era += 1;
    }
  }
  anchor = { wall: wall(), counter: counter() };
  remember();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) wasHidden = true;
    watch();
    if (!document.hidden) wasHidden = false;
    remember();
  });
  addEventListener("pagehide", remember);
  setInterval(() => {
    watch();
    remember();
  }, 30000);
}

export const clock = (moment) => HOUR_MINUTE.format(moment);

/** How many calendar days a moment is ahead of another, here. */
export const daysAhead = (moment, from) => [0, 1, 2].find((days) => DAY.format(from + days * 86400000) === DAY.format(moment)) || 0;

/** Which greeting suits the hour. */
export function greeting(moment) {
  const hour = Number(HOUR.format(moment));
  if (hour < 5 || hour >= 18) return "good_evening";
  if (hour < 9) return "good_morning";
  return hour < 12 ? "good_forenoon" : "good_afternoon";
}

export const minutesSince = (moment) => Math.max(0, Math.round((now() - moment) / 60000));
