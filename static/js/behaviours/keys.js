// The queue by keyboard: J and K walk and open, letters press the buttons that carry them, S ticks, Space turns the page of
// the material. Single keys work only while the focus is not in a field, and can be switched off (WCAG 2.1.4).
const STORE = "civic.keys";
const WALKS = "civic.keys.walks";
// So that whoever holds J down runs past cases without waiting for each.
const PAUSE = 200;
export const areOn = () => localStorage.getItem(STORE) !== "off";
export const flip = () => localStorage.setItem(STORE, areOn() ? "off" : "on");

export default function keys(list) {
  const box = document.getElementById("reason");
  const current = list.querySelector("#rows a[aria-current]");
  let timer = 0;
  // Whoever came here by a key goes on from this row; whoever came by the mouse only finds it in sight.
  if (box && box.matches("[aria-invalid]")) box.focus();
  else if (current && sessionStorage.getItem(WALKS)) current.focus();
  else if (current) current.scrollIntoView({ block: "nearest" });
  sessionStorage.removeItem(WALKS);

  const press = (element) => {
    if (element.matches("input")) return element.focus();
    sessionStorage.setItem(WALKS, "yes");
    element.click();
  };
  const at = () => document.activeElement.closest("#rows a") || (document.activeElement.closest("#rows li") || list).querySelector("a[aria-current]");
  const walk = (by) => {
    const all = [...list.querySelectorAll("#rows a")];
    const next = all[all.indexOf(at()) + by];
    const page = document.querySelector(`[data-key="${by > 0 ? "n" : "p"}"]`);
    clearTimeout(timer);
    if (!next) return page ? press(page) : all.at(by > 0 ? -1 : 0)?.focus();
    next.focus();
    if (next !== current) timer = setTimeout(() => press(next), PAUSE);
  };
  const tick = (all) => {
    const boxes = all ? [...list.querySelectorAll("[name=pick]")] : [at()?.closest("li").querySelector("[name=pick]")];
    const on = boxes.some((one) => one && !one.checked);
    for (const one of boxes) if (one && one.checked !== on) one.click();
  };
  const turn = (by) => document.querySelector(".q-body")?.scrollBy({ top: by * document.querySelector(".q-body").clientHeight * 0.85 });

  document.addEventListener("keydown", (event) => {
    if (!areOn()) return;
    // A reason sent off from its box (reasons.js) is a step of the walk as well.
    if (event.target === box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) sessionStorage.setItem(WALKS, "yes");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
    else if (key === "s") tick(event.shiftKey);
    else if (key === " " && !event.target.matches("button, summary, input")) turn(event.shiftKey ? -1 : 1);
    else if (key === "r" && box) box.focus();
    else {
      const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!found || found.closest("[hidden]")) return;
      const focused = document.activeElement.closest("#rows a");
      // A deed is done to the case that can be read beside it, never to a row that was only walked to.
      if (found.form && found.name !== "search" && focused && focused !== current) press(focused);
      else press(found);
    }
    event.preventDefault();
  });
}
