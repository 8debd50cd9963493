// The chosen card looks chosen at once.
export default function choice(group) {
  group.addEventListener("change", () => {
    for (const card of group.matches(".choice") ? [group] : group.querySelectorAll(".choice")) {
      card.classList.toggle("choice--on", card.querySelector("input").checked);
    }
  });
}
