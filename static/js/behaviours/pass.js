// A new pass when the half minute is over: the page is fetched again and only the code is exchanged. Without a network it says so.
export default function renew(box) {
  const words = document.documentElement.lang === "en"
    ? "No network: this code may be too old. Your phone's last four digits work, too."
    : "没网了，这张码可能过时。到签到台按手机尾号也能签。";
  const note = box.querySelector("[data-note]");
  const usual = note.innerHTML;
  const plan = (seconds) => setTimeout(fetchNew, seconds * 1000);
  async function fetchNew() {
    if (document.hidden) return document.addEventListener("visibilitychange", fetchNew, { once: true });
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-pass]");
      if (!fresh) return location.reload();
      box.querySelector("[data-pass]").replaceWith(fresh);
      note.innerHTML = usual;
      return plan(Number(fresh.dataset.seconds) + 0.2);
    } catch {
      note.textContent = words;
      return plan(5);
    }
  }
  plan(Number(box.querySelector("[data-pass]").dataset.seconds) + 0.2);
}
