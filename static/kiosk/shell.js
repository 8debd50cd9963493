// The shell: registers the service worker, and takes a new version only while nobody stands before the screen.
const QUIET = 20000;

/** isFree(): whether nothing would be lost by loading anew; withDecoder: keep the QR decoder on the device, too. */
export async function keep(isFree, withDecoder) {
  if (!("serviceWorker" in navigator)) return;
  let isControlled = Boolean(navigator.serviceWorker.controller);
  const registration = await navigator.serviceWorker.register("/kiosk/worker.js", { scope: "/kiosk/", updateViaCache: "none" });
  let touched = 0;
  document.addEventListener("pointerdown", () => (touched = Date.now()));
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isControlled) location.reload();
    isControlled = true; // the first worker of all takes over silently
  });
  setInterval(() => {
    if (registration.waiting && isFree() && Date.now() - touched > QUIET) registration.waiting.postMessage("take over");
  }, 5000);
  if (withDecoder) {
    const ask = () => navigator.serviceWorker.ready.then((ready) => ready.active.postMessage("keep decoder"));
    ask();
    addEventListener("online", ask);
  }
  setInterval(() => registration.update().catch(() => null), 15 * 60000);
}
