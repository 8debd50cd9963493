// The chosen shifts look chosen, and the bar below says which.
export default function shifts(form) {
  const said = form.querySelector("[data-chosen]");
  const empty = said.textContent;
  const show = () => {
    const words = [];
    for (const card of form.querySelectorAll(".shift")) {
      const input = card.querySelector("input");
      // What is mine already, or cannot be taken, keeps its look.
      if (!input || input.disabled) continue;
      const on = input.checked;
      card.classList.toggle("shift--on", on);
      if (on) words.push(card.dataset.words);
    }
    said.textContent = words.length ? words.join("；") : empty;
  };
  form.addEventListener("change", show);
  show();
}
