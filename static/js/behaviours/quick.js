// Ready words put into the reviewer's box.
export default function quick(line) {
  line.hidden = false;
  const box = document.getElementById(line.dataset.quick);
  line.addEventListener("click", (event) => {
    if (!event.target.matches("button")) return;
    box.value = [box.value.trim(), event.target.textContent.trim()].filter(Boolean).join(" ");
    box.focus();
  });
}
