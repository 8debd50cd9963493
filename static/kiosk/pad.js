// The pad: digits that are being typed, on whatever screen its squares stand.
import { say } from "./words.js";

export class Pad {
  constructor() {
    this.digits = "";
    this.length = 4;
    this.full = null;
    this.changed = () => null;
  }

  /** What happens when so many digits are there; a secret shows dots. */
  expect(length, full, { secret = false } = {}) {
    Object.assign(this, { length, full, secret, digits: "" });
    this.draw();
  }

  press(key) {
    if (key === "clear" || key === "Escape") this.digits = "";
    else if (key === "del" || key === "Backspace") this.digits = this.digits.slice(0, -1);
    else if (/^\d$/.test(key) && this.digits.length < this.length) this.digits += key;
    this.draw();
    this.changed(this.digits);
    if (this.digits.length === this.length && this.full) this.full(this.digits);
  }

  draw() {
    const out = document.querySelector(".pad__out");
    if (!out) return;
    [...out.children].forEach((square, at) => {
      square.textContent = this.secret && this.digits[at] ? "●" : this.digits[at] || "";
      square.className = at < this.digits.length ? "on" : "";
    });
    out.setAttribute("aria-label", say("digits", { count: this.digits.length }));
  }
}
