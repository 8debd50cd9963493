// A form is sent once: the second of two quick clicks does nothing. Coming back with the browser's arrow wakes it again.
export default function once(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
}
