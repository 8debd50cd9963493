// Counts characters while one writes, as the server counts: white space is not written.
export default function count(note) {
  const area = document.getElementById(note.dataset.count);
  const rest = note.textContent.replace(/^\s*\d+/, "");
  const show = () => (note.textContent = [...area.value.replace(/\s/g, "")].length + rest);
  area.addEventListener("input", show);
  show();
}
