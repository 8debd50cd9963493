// Copies the text of the field it names; without a clipboard the field itself is selected, ready for the menu.
export default function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  if (!field) return;
  button.hidden = false;
  const english = document.documentElement.lang === "en";
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = english ? "copied" : "复制好了";
    } catch {
      button.textContent = english ? "selected, please copy" : "选好了，请点复制";
    }
  });
}
