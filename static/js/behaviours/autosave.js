// Keeps what is typed a few seconds after the last key, and says so. The button still saves everything itself.
export default function autosave(form) {
  const note = document.getElementById("saved");
  const words = document.documentElement.lang === "en"
    ? { saving: "saving…", saved: "saved", failed: "not saved, we will try again" }
    : { saving: "正在存…", saved: "已自动保存", failed: "没存上，我们会再试" };
  let timer;
  const save = async () => {
    const data = new FormData(form);
    data.delete("photos");
    note.textContent = words.saving;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: data });
      note.textContent = answer.ok ? words.saved : "";
    } catch {
      note.textContent = words.failed;
      timer = setTimeout(save, 8000);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 2500);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
