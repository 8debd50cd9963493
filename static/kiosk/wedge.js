// The wedge: a scanner that types like a keyboard. Fast or as slow as a person, with Enter at its end or only a pause, through
// an input method or another layout: what it typed is read, or said to be unreadable – it is never taken for a person's digits.
import { read } from "./codes.js";

const FAST = 90; // milliseconds between two keys that no person reaches: a slow tablet hands them on late
const SLOW = 350; // over Bluetooth, on a busy tablet; so long a person's digits wait before they count
const PAUSE = 600; // what is surely a scanner's is over
const SHORTEST = 8;
const LEAST = 4; // fewer stray letters are nobody's code
const ENDS = ["Enter", "NumpadEnter", "Tab"];
const CODES = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9])|(Period|NumpadDecimal))$/;

/** The character that a key's place on the keyboard stands for: an input method may hide the key, another layout change it. */
function placed(event) {
  const found = CODES.exec(event.code || "");
  return found ? found[1] || found[2] || "." : "";
}

const typedBy = (event) => (event.key.length === 1 && event.key !== " " ? event.key : placed(event));
const ends = (event) => event.key === "Enter" || event.key === "Tab" || ENDS.includes(event.code);

/** Keys that came one after the other: as they were typed, and by their places. */
class Run {
  constructor() {
    this.clear();
  }

  clear() {
    Object.assign(this, { keys: "", places: "", count: 0, isFast: true, last: -Infinity, befores: [] });
  }

  add(character, place, at, before) {
    if (this.count && at - this.last >= FAST) this.isFast = false;
    this.keys += character;
    this.places += place;
    this.count += 1;
    this.last = at;
    this.befores.push(before);
  }

  /** Whether no person types so: letters (there is nothing to write here), more digits than are asked for, or so many so fast. */
  isScanner(most) {
    return /\D/.test(this.keys) || this.count > most || (this.isFast && this.count >= SHORTEST);
  }

  /** What it says, in the reading that is one of ours; "" where none is. */
  get code() {
    return [this.keys, this.places].find((text) => read(text)) || "";
  }

  /** The field as it was before the code began: what a person typed just before stays. */
  get before() {
    return this.befores[Math.max(0, this.count - read(this.code).typed)];
  }
}

/** scanned(text) for the scanner, typed(key) for a person: a character, "Backspace", "Escape" or "Enter"; most(): how many
 * digits a person may type now. */
export function listen({ scanned, typed, most = () => LEAST }) {
  const run = new Run();
  let waiting = null;
  let alt = ""; // some scanners hold Alt and type the number of each character
  const limit = () => (run.isScanner(most()) ? PAUSE : SLOW);
  const settle = () => {
    clearTimeout(waiting);
    const { keys, code, count } = run;
    const isScanner = run.isScanner(most()) && count >= LEAST;
    run.clear();
    if (isScanner) scanned(code || keys);
    else [...keys].forEach((key) => typed(key));
    return isScanner;
  };
  const take = (character, place, at) => {
    if (run.count && at - run.last > limit()) settle();
    run.add(character, place, at, null);
    clearTimeout(waiting);
    waiting = setTimeout(settle, limit() + 20);
  };

  const inside = new Run();
  let quiet = null;
  /** What goes into a field is left alone – but for a pass or card: the scanner has typed it over somebody's words. */
  const takeOut = (field) => {
    const { code } = inside;
    const { before } = code ? inside : {};
    clearTimeout(quiet);
    inside.clear();
    if (!code) return false;
    if (field.type === "text") restore(field, before);
    scanned(code);
    return true;
  };
  const inField = (event) => {
    const field = event.target;
    if (event.key === "Escape") return event.isComposing ? null : typed("Escape");
    if (ends(event)) {
      if (event.timeStamp - inside.last < PAUSE && takeOut(field)) event.preventDefault();
      else inside.clear();
      return null;
    }
    const character = typedBy(event);
    if (event.timeStamp - inside.last > PAUSE || (!character && event.key !== "Shift")) inside.clear();
    if (!character) return null;
    inside.add(character, placed(event), event.timeStamp, { value: field.value, start: field.selectionStart, end: field.selectionEnd });
    clearTimeout(quiet);
    quiet = setTimeout(() => takeOut(field), PAUSE + 20);
    return null;
  };

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Alt" || !alt) return;
    const character = String.fromCharCode(Number(alt));
    alt = "";
    take(character, character, event.timeStamp);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.repeat) return null;
    if (event.altKey) {
      if (/^Numpad\d$/.test(event.code)) alt += event.code.slice(-1);
      return null;
    }
    if (event.target.matches("input, select, textarea")) return inField(event);
    if (ends(event) && run.count) {
      // Few digits and Enter are a person's; all else is told or read.
      if (settle()) event.preventDefault();
      else if (event.key === "Enter") typed("Enter");
      return null;
    }
    if (["Backspace", "Escape", "Enter"].includes(event.key)) {
      settle();
      return typed(event.key);
    }
    const character = typedBy(event);
    return character ? take(character, placed(event), event.timeStamp) : null;
  });
}

/** The field's words before the scan. An input method that is still at work would write its own over them: it is ended first. */
function restore(field, before) {
  const put = () => {
    field.value = before.value;
    field.setSelectionRange(before.start, before.end);
  };
  put();
  field.blur();
  field.focus();
  put();
}
