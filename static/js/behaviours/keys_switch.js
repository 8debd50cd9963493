import { areOn, flip } from "./keys.js";

// Switches single-key shortcuts on and off, and remembers.
export default function keysSwitch(button) {
  const show = () => button.setAttribute("aria-pressed", String(areOn()));
  button.hidden = false;
  button.addEventListener("click", () => {
    flip();
    show();
  });
  show();
}
