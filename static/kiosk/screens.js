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
  for (const slot of root.querySelectorAll("[data-fill]")) slot.textContent = values[slot.dataset.fill] ?? "";
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

/** Show a screen. A focus that would be lost goes to the same key of the new one, else to its title. */
export function show(name, values = {}) {
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  const template = screen(name);
  const part = fill(template.content.cloneNode(true), values);
  const line = part.querySelector("[data-foot]") || screen("foot").content.firstElementChild.cloneNode(true);
  line.remove();
  main.replaceChildren(part);
  foot.querySelector("p").replaceWith(line);
  document.body.className = `kiosk kiosk--${template.dataset.kind}`;
  shown = document.body.dataset.screen = name;
  const title = main.querySelector("h1");
  document.title = title.textContent + suffix;
  if (focused) refocus(focused.dataset.key, title);
  announce(template.dataset.kind === "failure" ? "alerted" : "said");
}

function refocus(key, title) {
  const same = key && main.querySelector(`[data-key="${key}"]`);
  if (!same) title.tabIndex = -1;
  (same || title).focus();
}

/** Everything that a screen says, in the order it stands there, but for the keys. */
function announce(region) {
  const parts = [...main.querySelectorAll("[data-say], h1")].filter((part) => !part.closest("[hidden]"));
  for (const id of ["said", "alerted"]) document.getElementById(id).textContent = "";
  document.getElementById(region).textContent = parts.map((part) => part.textContent.trim()).join("。");
}
