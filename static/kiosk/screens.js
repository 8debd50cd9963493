// Screens: one at a time, cloned from its template, filled with text (never with markup), and said to screen readers.
import { screen } from "./words.js";

const main = document.getElementById("main");
const foot = document.getElementById("foot");
const suffix = document.documentElement.dataset.suffix;
let shown = "";

/** Which screen stands there. */
export const current = () => shown;

/** Fill data-fill, data-show, data-set and data-each of a fragment from values. */
export function fill(root, values) {
  for (const slot of root.querySelectorAll("[data-fill]")) {
    const words = String(values[slot.dataset.fill] ?? "");
    if (slot.textContent !== words) slot.textContent = words;
  }
  for (const part of root.querySelectorAll("[data-show]")) {
    const name = part.dataset.show.replace("!", "");
    part.hidden = Boolean(values[name]) === part.dataset.show.startsWith("!");
  }
  for (const part of root.querySelectorAll("[data-set]")) {
    for (const pair of part.dataset.set.split(" ")) {
      const [attribute, name] = pair.split("=");
      if (values[name] !== undefined && values[name] !== null) part.setAttribute(attribute, values[name]);
    }
  }
  for (const list of root.querySelectorAll("template[data-each]")) {
    for (const item of values[list.dataset.each] || []) list.before(fill(list.content.cloneNode(true), item));
    list.remove();
  }
  return root;
}

/** The screen that stands there takes other values: nothing is replaced beneath a finger, nothing is said again. */
export const refill = (values) => fill(main, values);

/** Resolves when nobody presses a button: a screen that is replaced beneath a finger loses the tap. */
export async function released() {
  for (let wait = 0; main.querySelector(":active") && wait < 2000; wait += 50) await new Promise((next) => setTimeout(next, 50));
}

/** Show a screen, and say it. */
export function show(name, values = {}) {
  draw(name, values);
  announce(document.body.classList.contains("kiosk--failure") ? "alerted" : "said");
}

/** Draw a screen without a word. A focus that would be lost goes to its like on the new one, else to the title. */
export function draw(name, values) {
  const focused = document.activeElement.closest("#main, #plate") ? document.activeElement : null;
  const isAgain = name === shown;
  const template = screen(name);
  const part = fill(template.content.cloneNode(true), values);
  const line = part.querySelector("[data-foot]") || screen("foot").content.firstElementChild.cloneNode(true);
  line.remove();
  main.replaceChildren(part);
  foot.querySelector("p").replaceWith(line);
  document.body.className = `kiosk kiosk--${template.dataset.kind}`;
  shown = document.body.dataset.screen = name;
  const title = main.querySelector("h1");
  document.title = title.innerText + suffix;
  if (focused) refocus(focused.dataset, isAgain, title);
}

/** Its like: the same key where keys come next; where the same screen was drawn anew, the same button or one of its row. */
function refocus({ key, place, what, do: deed }, isAgain, title) {
  if (main.querySelector("[data-do=pick], [data-do=month]")) key = null;
  const like = key ? `[data-key="${key}"]` : place ? `[data-place="${place}"]` : `[data-do="${deed}"]`;
  const alike = key || isAgain ? [...main.querySelectorAll(`${like}:not([hidden])`)] : [];
  const same = alike.find((button) => button.dataset.what === what) || alike.pop();
  if (!same) title.tabIndex = -1;
  (same || title).focus();
}

/** Everything that a screen says, in the order it stands there, but for the keys. */
function announce(region) {
  const parts = [...main.querySelectorAll("[data-say], h1")].filter((part) => !part.closest("[hidden]"));
  for (const id of ["said", "alerted"]) document.getElementById(id).textContent = "";
  // Not the text that is hidden; a line of its own is a sentence of its own.
  const lines = parts.flatMap((part) => part.innerText.split("\n")).map((line) => line.trim());
  document.getElementById(region).textContent = lines.filter(Boolean).join("。").replace(/([。，：！？:])。/g, "$1");
}
