// Two fields are filled with where the person stands: the place of a post, written by who stands there.
export default function here(box) {
  if (!navigator.geolocation) return;
  const ask = box.querySelector("[data-ask]"), said = box.querySelector("[data-said]");
  const [latitude, longitude] = box.querySelectorAll("input");
  ask.hidden = false;
  ask.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
    latitude.value = coords.latitude.toFixed(5);
    longitude.value = coords.longitude.toFixed(5);
    said.textContent = "";
  }, () => { said.textContent = said.dataset.denied; }, { timeout: 15000 }));
}
