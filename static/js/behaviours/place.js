// A click on the drawn map writes the two numbers and moves the pin; typed numbers move it too.
export default function place(box) {
  const map = box.querySelector("svg"), pin = box.querySelector("[data-pin]");
  const [x, y] = box.querySelectorAll("input");
  box.querySelector("[data-hint]").textContent = box.querySelector("[data-words]").textContent;
  const show = () => {
    const known = x.value !== "" && y.value !== "";
    pin.setAttribute("cx", known ? x.value : -40);
    pin.setAttribute("cy", known ? y.value : -40);
  };
  map.addEventListener("click", (event) => {
    const frame = map.getBoundingClientRect();
    x.value = Math.max(0, Math.min(400, Math.round(((event.clientX - frame.left) / frame.width) * 400)));
    y.value = Math.max(0, Math.min(430, Math.round(((event.clientY - frame.top) / frame.height) * 430)));
    show();
  });
  x.addEventListener("input", show);
  y.addEventListener("input", show);
}
