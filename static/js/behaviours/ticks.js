// What is ticked stays ticked while one reads on, page after page, until the batch is done. Kept in this tab alone.
const STORE = "civic.ticks";
const kept = () => new Set(JSON.parse(sessionStorage.getItem(STORE) || "[]"));

export default function ticks(element) {
  if (element.dataset.ticks === "forget") return sessionStorage.removeItem(STORE);
  const boxes = [...document.querySelectorAll("[name=pick][type=checkbox]")];
  const counter = element.querySelector("[data-count]");
  const show = () => {
    counter.textContent = kept().size || "";
  };
  const here = new Set(boxes.map((box) => box.value));
  // A case that changed meanwhile has another version: its tick was for what it said then.
  const ids = new Set(boxes.map((box) => box.value.split("-")[0]));
  sessionStorage.setItem(STORE, JSON.stringify([...kept()].filter((value) => here.has(value) || !ids.has(value.split("-")[0]))));
  const keep = (box) => {
    const all = kept();
    if (box.checked) all.add(box.value);
    else all.delete(box.value);
    sessionStorage.setItem(STORE, JSON.stringify([...all]));
    show();
  };
  for (const box of boxes) {
    // Ticked by a quick hand before this was loaded.
    if (box.checked) keep(box);
    else box.checked = kept().has(box.value);
    box.addEventListener("change", () => keep(box));
  }
  element.addEventListener("submit", () => {
    for (const value of kept()) {
      if (here.has(value)) continue;
      const more = document.createElement("input");
      Object.assign(more, { type: "hidden", name: "pick", value });
      element.append(more);
    }
  });
  show();
}
