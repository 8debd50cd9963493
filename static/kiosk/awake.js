// Awake: the screen stays on where the browser can keep it so; elsewhere the device's own setting has to.
let lock = null;

export const isPossible = () => "wakeLock" in navigator;

export async function stay() {
  if (!isPossible() || lock || document.hidden) return;
  lock = await navigator.wakeLock.request("screen").catch(() => null);
  if (lock) lock.addEventListener("release", () => (lock = null));
}

document.addEventListener("visibilitychange", stay);
