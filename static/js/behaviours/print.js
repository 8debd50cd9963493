// A button that prints; without JavaScript there is none.
export default function print(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
