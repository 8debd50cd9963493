// The bar at the top: place, network and queue in words, language, clock.
import * as time from "./time.js";
import { say, spoken } from "./words.js";

const element = (id) => document.getElementById(id);

export class Top {
  constructor(app) {
    this.app = app;
    setInterval(() => this.draw(), 5000);
  }

  /** "7 条待上传，最早 12 分钟前", or nothing where nothing waits. */
  queueWords() {
    const { queue } = this.app;
    if (!queue.length) return "";
    const minutes = time.minutesSince(queue.oldest);
    return say(minutes ? "queue" : "queue_now", { count: queue.length, minutes });
  }

  draw() {
    const { app } = this;
    element("clock").textContent = time.clock(time.now());
    element("language").textContent = spoken() === "zh" ? "English" : "中文";
    element("language").lang = spoken() === "zh" ? "en" : "zh-CN";
    element("plate").disabled = !app.kiosk;
    if (!app.kiosk) return;
    element("place").textContent = app.kiosk.place;
    element("kiosk").textContent = say("kiosk");
    element("plate").setAttribute("aria-label", `${app.kiosk.place} ${say("kiosk")} · ${say("staff")}`);
    // Without a network the screen itself says how many wait.
    const words = app.isOffline ? say("no_network") : this.queueWords() || say("network_fine");
    const net = element("net");
    if (net.textContent !== words) net.textContent = words;
    element("net-box").classList.toggle("is-off", app.isOffline);
  }
}
