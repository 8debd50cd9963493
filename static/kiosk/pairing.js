// Pairing: a one-time code from the desk becomes this device's own key.
import { ask, Unreachable } from "./link.js";
import { invitation } from "./codes.js";
import { show } from "./screens.js";
import { say, speak, spoken } from "./words.js";

const KNOWN = ["code_unknown", "code_used", "code_old", "too_often"];

function browserName() {
  const found = /(Chrome|Firefox|Version)\/(\d+)/.exec(navigator.userAgent);
  return found ? `${found[1].replace("Version", "Safari")} ${found[2]}` : "browser";
}

export class Pairing {
  /** paired(credential): what to do with the key. */
  constructor(app, paired) {
    this.app = app;
    this.paired = paired;
  }

  async open() {
    const why = await this.app.store.get("plain", "wiped");
    show("pairing", { wiped: why ? say(`wiped_${why}`) : "" });
    this.read(location.hash);
    document.querySelector("#main input").focus();
    this.app.camera.place();
  }

  /** The same page in the other language, with what was typed. */
  async switchLanguage() {
    const { value } = document.querySelector("#main input");
    speak(spoken() === "zh" ? "en" : "zh");
    this.app.top.draw();
    await this.open();
    document.querySelector("#main input").value = value;
  }

  /** A code from the address or the camera. It is taken out of the address, for it must not stay in the history. */
  read(text) {
    const code = invitation(text);
    if (!code || this.isBusy) return;
    if (location.hash) history.replaceState(null, "", location.pathname);
    document.querySelector("#main input").value = code;
    this.send();
  }

  /** What was scanned is read, or said to be no pairing code. */
  heard(text) {
    return invitation(text) || this.isBusy ? this.read(text) : this.complain("code_short");
  }

  async send() {
    const field = document.querySelector("#main input");
    const code = invitation(field.value);
    if (!code) return this.complain("code_short");
    this.isBusy = true;
    try {
      const answer = await ask("POST", "/pair", { body: { code, app: this.app.version, name: browserName() } });
      if (answer.status !== 201) return this.complain(KNOWN.includes(answer.body.code) ? answer.body.code : "code_unknown");
      return await this.paired({ key: answer.body.key, kiosk: answer.body.kiosk });
    } catch (reason) {
      if (!(reason instanceof Unreachable)) throw reason;
      return this.complain(reason.message === "429" ? "too_often" : "pair_no_network");
    } finally {
      this.isBusy = false;
    }
  }

  complain(word) {
    const line = document.querySelector("#main [data-wrong]");
    line.hidden = false;
    line.textContent = say(word);
    document.querySelector("#main input").focus();
  }
}
