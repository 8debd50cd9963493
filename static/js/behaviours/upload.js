// Chosen photographs are sent at once, with everything else that is typed.
export default function upload(input) {
  input.addEventListener("change", () => input.form.querySelector('button[value="upload"]').click());
}
