// The note: one line on top of the page, for whoever scans while somebody else is at work there.
import { STAY, Timer } from "./timer.js";

const line = document.getElementById("note");
const timer = new Timer();

/** Stands there as long as the screen of such an answer would; the next one takes its place. */
export function tell(words, isYes) {
  line.querySelector("span").textContent = words;
  line.dataset.answer = isYes ? "yes" : "no";
  line.hidden = false;
  timer.start(isYes ? STAY.in : STAY.unread, clear);
}

export function clear() {
  timer.stop();
  line.hidden = true;
}
