// The wedge: a scanner that types like a keyboard, very fast and with Enter at the end. Slow typing is a person's.
import { read } from "./codes.js";

const BURST = 90; // milliseconds between two keys: a slow tablet hands them on late
const SHORTEST = 8;
const LATE = 600;
const CODES = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9])|(Period|NumpadDecimal))$/;

/** The character of a key; an input method may hide it, its place on the keyboard does not lie. */
function letter(event) {
  if (event.key.length === 1 && event.key !== " ") return event.key;
  const found = CODES.exec(event.code || "");
  return found ? found[1] || found[2] || (found[3] ? "." : "") : "";
}

/** scanned(text) for the scanner, typed(key) for a person: a character, "Backspace", "Escape" or "Enter". */
export function listen({ scanned, typed }) {
  let burst = "";
  let last = 0;
  let waiting = null;
  let written = ""; // what came fast into a field
  let before = null; // the field as it was until then
  const flush = () => {
    clearTimeout(waiting);
    const keys = burst;
    burst = "";
    if (keys.length < SHORTEST) [...keys].forEach((key) => typed(key));
  };
  // So many fast keys are no person's: their Enter may come late where the device is busy.
  const settle = () => {
    if (burst.length < SHORTEST) return flush();
    waiting = setTimeout(flush, LATE);
  };
  /** What goes into a field is left alone – but for a pass or card: the scanner has typed it over somebody's words. */
  const inField = (event, isFast) => {
    const field = event.target;
    if (event.key === "Escape") return typed("Escape");
    if (event.key === "Enter" || event.key === "Tab") {
      const text = written;
      written = "";
      if (!isFast || !read(text)) return null;
      event.preventDefault();
      if (field.type === "text") field.setRangeText(before.value, 0, field.value.length);
      if (field.type === "text") field.setSelectionRange(before.start, before.end);
      return scanned(text);
    }
    const character = letter(event);
    if (!isFast || !(character || event.key === "Shift")) written = "";
    if (!written) before = { value: field.value, start: field.selectionStart, end: field.selectionEnd };
    written += character;
    return null;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isFast = event.timeStamp - last < BURST;
    last = event.timeStamp;
    if (event.target.matches("input, select, textarea")) return inField(event, isFast);
    if ((event.key === "Enter" || event.key === "Tab") && isFast && burst.length >= SHORTEST) {
      const text = burst;
      burst = "";
      clearTimeout(waiting);
      event.preventDefault();
      return scanned(text);
    }
    if (["Backspace", "Escape", "Enter"].includes(event.key)) {
      flush();
      return typed(event.key);
    }
    const character = letter(event);
    if (!character) return;
    if (!isFast) flush();
    burst += character;
    clearTimeout(waiting);
    waiting = setTimeout(settle, BURST + 20);
  });
}
