// A page that says how far something is, read again every two seconds until it is over; then it is said aloud, once.
const EVERY = 2000;

export default function progress(said) {
  const part = () => document.getElementById(said.dataset.part);
  const look = async () => {
    if (!part().hasAttribute("data-open")) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.getElementById(said.dataset.part);
      if (answer.ok && next) {
        // Whoever is about to press a button here keeps it under the finger until something new can be pressed.
        if (!part().contains(document.activeElement) || !next.hasAttribute("data-open")) {
          part().replaceWith(next);
          for (const form of next.querySelectorAll("[data-behaviour]")) {
            for (const name of form.dataset.behaviour.split(" ")) import(`./${name}.js`).then((one) => one.default(form));
          }
        } else part().querySelector("progress").replaceWith(next.querySelector("progress"));
        document.title = fresh.title;
        if (!next.hasAttribute("data-open")) said.textContent = said.dataset.over;
      }
    } catch {
      // The network is away: the next look finds it again.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
}
