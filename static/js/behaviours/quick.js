// Ready words put into the reviewer's box.
export default function quick(line) {
  line.hidden = false;
  const box = document.getElementById(line.dataset.quick);
  line.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    box.value = [box.value.trim(), button.lastChild.textContent.trim()].filter(Boolean).join(" ");
    // Pressed by a key, the next key is a deed; clicked, the hand goes on writing.
    if (event.detail) box.focus();
  });
}
