// A form is sent once: the second of two quick clicks does nothing. Coming back with the browser's arrow wakes it again.
// Without a network nothing is sent, and the page that was filled in stays: the browser's own error page would take its place.
const isCutOff = () => !navigator.onLine && !/^(localhost|127\.)/.test(location.hostname);

function say(form) {
  const words = form.querySelector("[data-cut-off]") || document.createElement("p");
  words.remove(); // set in anew, it is read out again
  words.dataset.cutOff = "";
  words.className = "err";
  words.setAttribute("role", "alert");
  words.textContent = document.documentElement.lang === "en" ? "No network: nothing was sent. What you wrote is still here; try again." : "现在没有网，没有送出去。写的都还在，有网了再点一次。";
  form.append(words);
}

export default function once(form) {
  form.addEventListener("submit", (event) => {
    if (isCutOff()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return say(form);
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
}
