// The time: the device's clock corrected by what the server said, and how moments are written on the screen.
const ZONE = document.documentElement.dataset.zone || undefined;
const HOUR_MINUTE = new Intl.DateTimeFormat("zh-CN", { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: ZONE });

const DAY = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: ZONE });

let offset = 0;

/** Seconds that the server is ahead of this device, as last measured. */
export const measured = () => offset;

export function correct(seconds) {
  offset = Math.round(seconds * 1000) / 1000;
}

/** Corrected time in milliseconds. */
export const now = () => Date.now() + offset * 1000;

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
