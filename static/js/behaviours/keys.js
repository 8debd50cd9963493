// The queue by keyboard: J and K walk, Enter opens, letters press the buttons that carry them. Single keys work only while
// the focus is not in a field, and can be switched off (WCAG 2.1.4).
const STORE = "civic.keys";
export const areOn = () => localStorage.getItem(STORE) !== "off";
export const flip = () => localStorage.setItem(STORE, areOn() ? "off" : "on");

export default function keys(list) {
  const links = () => [...list.querySelectorAll("#rows a")];
  const walk = (by) => {
    const all = links();
    const at = all.findIndex((a) => a === document.activeElement);
    const current = all.findIndex((a) => a.hasAttribute("aria-current"));
    const next = all[Math.min(all.length - 1, Math.max(0, (at < 0 ? current : at) + by))];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (!areOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
    else {
      const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!button) return;
      if (button.matches("button")) button.click();
      else button.focus();
    }
    event.preventDefault();
  });
}
