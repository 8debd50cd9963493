// Large photographs are made smaller on the phone before they are sent: less to pay for, and the house takes 10 MB at most.
const LARGE = 1.5 * 1024 * 1024;
const SIDE = 2000; // the house keeps 1600

// The photograph, smaller where it is large; as it came where this browser cannot read it: the house says what is wrong.
export async function shrunk(file) {
  if (file.size <= LARGE || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const part = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const sheet = document.createElement("canvas");
    sheet.width = Math.round(picture.width * part);
    sheet.height = Math.round(picture.height * part);
    const pen = sheet.getContext("2d");
    pen.fillStyle = "#fff"; // as the house does with what is transparent
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
    picture.close();
    const small = await new Promise((done) => sheet.toBlob(done, "image/jpeg", 0.85));
    return small && small.size < file.size ? new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

// All that was chosen, one after the other: a phone has little room. `each(n, of)` hears how far it is.
export async function shrinkAll(input, each = () => {}) {
  const chosen = [...input.files];
  const kept = new DataTransfer();
  for (const [at, file] of chosen.entries()) {
    each(at + 1, chosen.length);
    kept.items.add(await shrunk(file));
  }
  input.files = kept.files;
}

// For a form that is sent later with everything else.
export default function shrink(input) {
  for (const hint of document.querySelectorAll("[data-shrinks]")) hint.textContent = hint.dataset.shrinks;
  input.addEventListener("change", () => shrinkAll(input));
}
