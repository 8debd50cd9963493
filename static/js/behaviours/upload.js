// Chosen photographs are made smaller and sent at once, with everything else that is typed; how far it is stands beside them.
import { shrinkAll } from "./shrink.js";

const WORDS = document.documentElement.lang === "en"
  ? { shrink: (n, of) => `Making photo ${n} of ${of} smaller…`, send: (part) => `Sending… ${part}%`, look: "Almost done…" }
  : { shrink: (n, of) => `正在缩小第 ${n} 张，共 ${of} 张…`, send: (part) => `正在上传… ${part}%`, look: "马上就好…" };

export default function upload(input) {
  const form = input.form;
  const button = form.querySelector('button[value="upload"]');
  const said = document.getElementById("upload-said");
  const bar = document.getElementById("upload-bar");
  for (const hint of document.querySelectorAll("[data-shrinks]")) hint.textContent = hint.dataset.shrinks;
  const say = (words, part) => {
    said.textContent = words;
    bar.hidden = false;
    bar.value = part;
  };
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    await shrinkAll(input, (n, of) => say(WORDS.shrink(n, of), (30 * n) / of));
    const data = new FormData(form);
    data.set("do", "upload");
    const way = new XMLHttpRequest();
    way.upload.addEventListener("progress", (event) => {
      const part = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      say(part < 100 ? WORDS.send(part) : WORDS.look, 30 + 0.7 * part);
    });
    // Taken: the page is opened anew and shows them. Else the browser itself sends the form, and its answer says what is wrong.
    way.addEventListener("load", () => (way.status === 200 ? location.replace(form.action) : button.click()));
    way.addEventListener("error", () => button.click());
    way.open("POST", form.action);
    way.send(data);
  });
}
