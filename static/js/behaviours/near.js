// The nearest posts of this page, by where the person stands. The position is compared here and goes nowhere else.
const KILOMETRE = 1000, SHOWN = 10, DEGREE = 111195, RIGHT_ANGLE = Math.PI / 180;

function metres(a, b) {
  const east = (b.lon - a.lon) * Math.cos(((a.lat + b.lat) / 2) * RIGHT_ANGLE);
  return Math.hypot(b.lat - a.lat, east) * DEGREE;
}

export default function near(box) {
  if (!navigator.geolocation) return;
  const ask = box.querySelector("[data-ask]"), said = box.querySelector("[data-said]"), found = box.querySelector("[data-found]");
  const words = box.querySelector("[data-words]").dataset;
  ask.hidden = box.querySelector("[data-note]").hidden = false;
  const far = (m) => m < KILOMETRE
    ? words.metres.replace("{n}", Math.max(10, Math.round(m / 10) * 10))
    : words.kilometres.replace("{n}", (m / KILOMETRE).toFixed(1));
  const show = ({ coords }) => {
    const here = { lat: coords.latitude, lon: coords.longitude };
    const rows = [...document.querySelectorAll("a[data-lat]")].filter((row) => !found.contains(row))
      .map((row) => ({ row, m: metres(here, { lat: Number(row.dataset.lat), lon: Number(row.dataset.lon) }) }))
      .sort((a, b) => a.m - b.m).slice(0, SHOWN);
    found.replaceChildren(...rows.map(({ row, m }) => {
      const copy = row.cloneNode(true);
      copy.querySelector("small").prepend(`${row.dataset.day} · ${far(m)} · `);
      return copy;
    }));
    said.textContent = words.done;
  };
  ask.addEventListener("click", () => navigator.geolocation.getCurrentPosition(show, () => { said.textContent = words.denied; }, { timeout: 15000, maximumAge: 60000 }));
}
