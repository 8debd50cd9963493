// The kiosk: puts its parts together, opens the device store, pairs or begins, and passes on what is touched.
import { Attempts } from "./attempts.js";
import * as awake from "./awake.js";
import { Camera, needsDecoder } from "./camera.js";
import { Leader } from "./leader.js";
import { Marks } from "./marks.js";
import { Pad } from "./pad.js";
import { Pairing } from "./pairing.js";
import { Punching } from "./punching.js";
import { Queue } from "./queue.js";
import { Roster } from "./roster.js";
import { current, show } from "./screens.js";
import * as shell from "./shell.js";
import * as sound from "./sound.js";
import { open } from "./store.js";
import { Sync } from "./sync.js";
import * as time from "./time.js";
import { Top } from "./top.js";
import { Visit } from "./visit.js";
import { WalkIn } from "./walkin.js";
import * as wedge from "./wedge.js";

const app = {
  version: document.documentElement.dataset.version,
  pad: new Pad(),
  attempts: new Attempts(),
  kiosk: null,
  isOffline: !navigator.onLine,
  staysAwake: awake.isPossible(),
  isPersisted: async () => Boolean(navigator.storage && navigator.storage.persisted && (await navigator.storage.persisted())),
};

async function battery() {
  const found = navigator.getBattery ? await navigator.getBattery().catch(() => null) : null;
  return found ? Math.round(found.level * 100) / 100 : null;
}

/** One window of a device is the kiosk: two would each know half of what was done here. The next takes over when it closes. */
async function alone() {
  if (!navigator.locks) return;
  const late = setTimeout(() => show("taken"), 1500);
  await new Promise((got) => navigator.locks.request("civic-kiosk", () => new Promise(() => got())));
  clearTimeout(late);
}

async function begin() {
  await alone();
  app.store = await open();
  app.marks = await new Marks(app.store).load();
  app.roster = new Roster(app.store, app.marks);
  app.queue = await new Queue(app.store).load();
  app.punching = new Punching(app);
  app.top = new Top(app);
  app.queue.changed = changed;
  app.leader = new Leader(app);
  app.walkIn = new WalkIn(app);
  app.visit = new Visit(app);
  app.pairing = new Pairing(app, paired);
  app.camera = new Camera(document.getElementById("eye"), seen);
  wedge.listen({ scanned: (text) => heard(text, "wedge"), typed, most: () => app.pad.length });
  needsDecoder().then((needed) => shell.keep(() => app.visit.isHome || current() === "pairing", needed));
  const credential = await app.store.read("credential");
  if (credential) await work(credential);
  else await app.pairing.open();
  app.top.draw();
  app.camera.changed = () => changed();
  app.camera.start();
}

async function paired(credential) {
  await app.store.write("credential", credential);
  await app.store.remove("plain", "wiped");
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  await work(credential);
}

/** From here on this is a kiosk. */
async function work({ key, kiosk }) {
  app.kiosk = kiosk;
  time.resume(await app.store.get("plain", "clock"), (state) => app.store.put("plain", "clock", state));
  sound.mute(Boolean(await app.store.get("plain", "muted")));
  await app.roster.load();
  if (app.roster.hasExpired(time.now())) await app.roster.forget();
  app.sync = new Sync({ ...app, key, told: { online, changed, revoked }, device: { app: app.version, battery } });
  app.visit.idle();
  sound.wake(); // where the browser was started so that it may sound untouched (docs/kiosk.md)
  awake.stay();
  app.sync.start();
  setInterval(minute, 60000);
}

function online(isThere) {
  app.isOffline = !isThere;
  changed();
}

/** Something behind the screen moved: the roster, the queue, the network. */
function changed() {
  app.top.draw();
  if (app.kiosk) app.visit.refresh();
}

/** Each minute: the list may have expired; the idle picture moves a little, so that nothing burns in. */
async function minute() {
  if (app.roster.hasExpired(time.now())) await app.roster.forget();
  document.body.dataset.drift = String(new Date().getMinutes() % 5);
  changed();
}

/** The desk took this device away: nothing stays on it. */
async function revoked(code) {
  app.kiosk = null;
  app.sync.stop();
  await app.store.wipe(code);
  location.replace(location.pathname);
}

function heard(text, way) {
  if (!app.kiosk) return app.pairing.heard(text);
  return app.visit.scan(text, way);
}

const seen = (text) => heard(text, "phone");

function typed(key) {
  if (!app.kiosk) return;
  if (key === "Escape") return app.visit.idle();
  if (key === "Enter" && current() === "pin") return app.leader.enter();
  if (/^\d$|^Backspace$/.test(key)) app.visit.key(key);
}

const DEEDS = {
  home: () => app.visit.idle(),
  help: () => app.visit.help(),
  undo: () => app.visit.undo(),
  pick: (button) => app.visit.inTurn(() => app.visit.chosen(Number(button.dataset.at))),
  month: (button) => app.visit.inTurn(() => app.visit.month(button.dataset.month)),
  kit: (button) => app.visit.kit(button),
  walk_in: () => app.walkIn.open(),
  language: () => (app.kiosk ? app.visit.switchLanguage() : app.pairing.switchLanguage()),
  staff: () => app.kiosk && app.leader.knock(),
  enter: () => app.leader.enter(),
  still: () => app.visit.isStill(),
  menu: () => app.leader.menu(),
  list: () => app.leader.list(0),
  earlier: () => app.leader.list(app.leader.page - 1),
  later: () => app.leader.list(app.leader.page + 1),
  tick: (button) => app.leader.tick(button.dataset.place, button.dataset.what),
  board: () => app.leader.board(),
  self: () => app.leader.self(),
  sound: () => app.leader.sound(),
  sync: () => app.sync.now().then(() => app.leader.isAtMenu && app.leader.menu()),
  whole: () => document.documentElement.requestFullscreen && document.documentElement.requestFullscreen(),
};

document.addEventListener("pointerdown", () => {
  sound.wake();
  if (app.visit) app.visit.timer.renew();
});
document.addEventListener("keydown", sound.wake); // a wedge is a touch, too
document.addEventListener("input", () => app.visit && app.visit.timer.renew()); // the keys of the tablet itself touch no page
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do], [data-key]");
  if (!button || button.disabled) return;
  if (button.dataset.key) app.visit.key(button.dataset.key);
  else DEEDS[button.dataset.do](button);
});
document.addEventListener("change", (event) => {
  if (event.target.name === "shift") app.walkIn.brief(event.target.form);
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.dataset.form === "pair") app.pairing.send();
  if (event.target.dataset.form === "walk_in") app.walkIn.send(event.target);
});

begin();
