// A deed that wants a reason asks for it in place: the box is opened, Ctrl+Enter does what was asked, Escape lets it be.
export default function reasons(form) {
  const box = form.querySelector("textarea");
  const hint = form.querySelector("[data-hint]");
  let asked = null;
  const forget = () => {
    asked = null;
    hint.textContent = "";
  };
  for (const button of form.querySelectorAll("[data-wants-reason]")) {
    button.addEventListener("click", (event) => {
      if (box.value.trim()) return;
      event.preventDefault();
      asked = button;
      hint.textContent = hint.dataset.hint.replace("{deed}", button.lastChild.textContent.trim());
      box.focus();
    });
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") forget();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && asked && box.value.trim()) {
      event.preventDefault();
      asked.click();
    }
  });
}
