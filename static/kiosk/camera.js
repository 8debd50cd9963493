// The camera: reads codes from the live picture. Frames are looked at and forgotten; none is stored or sent.
const EACH = 140;
const WIDTH = 480;
const GONE_AFTER = 2500;
const AGAIN = 20000;

/** Calls found(text) once for each code that comes into view; a code that stays is not told again. */
export class Camera {
  constructor(video, found) {
    this.video = video;
    this.found = found;
    this.changed = () => null;
    this.state = "off"; // off, on, refused, absent, blind
    this.seen = new Map(); // text → when last seen
  }

  async start() {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return this.fail("absent");
    try {
      const wanted = { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } };
      this.stream = this.stream || (await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false }));
    } catch (reason) {
      return this.fail(reason.name === "NotAllowedError" ? "refused" : "absent");
    }
    this.video.srcObject = this.stream;
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.restart());
    await this.video.play().catch(() => null);
    this.reader = this.reader || (await reader());
    if (!this.reader) {
      // The decoder was not on the device yet and there is no network: it comes.
      setTimeout(() => this.start(), AGAIN);
      return this.fail("blind");
    }
    this.state = "on";
    this.changed();
    this.loop();
    return this.state;
  }

  /** The little window of the screen that stands there shows the same picture, so that one sees where to hold the phone. */
  place() {
    for (const small of document.querySelectorAll("[data-window]")) {
      if (small.srcObject === (this.stream || null)) continue;
      small.srcObject = this.stream || null;
      if (this.stream) small.play().catch(() => null);
    }
  }

  fail(state) {
    this.state = state;
    return state;
  }

  /** The plug was pulled, or the tablet woke up: try again until it is back. */
  restart() {
    clearTimeout(this.timer);
    this.state = "off";
    this.stream = null;
    setTimeout(() => this.start().then((state) => state !== "on" && state !== "refused" && this.restart()), 5000);
  }

  async loop() {
    if (this.state !== "on") return;
    const text = this.video.readyState >= 2 && !document.hidden ? await this.reader(this.video).catch(() => "") : "";
    if (text) this.meet(text);
    this.timer = setTimeout(() => this.loop(), EACH);
  }

  meet(text) {
    const now = performance.now();
    const isNew = !(now - this.seen.get(text) < GONE_AFTER);
    for (const [other, at] of this.seen) if (now - at > GONE_AFTER) this.seen.delete(other);
    this.seen.set(text, now);
    if (isNew) this.found(text);
  }
}

/** Whether this browser has to be given a decoder. */
export async function needsDecoder() {
  if (!("BarcodeDetector" in window)) return true;
  return !(await BarcodeDetector.getSupportedFormats().catch(() => [])).includes("qr_code");
}

/** Whichever way this browser can read QR codes: (video) → text or "". */
async function reader() {
  return (await needsDecoder()) ? decoder() : native(new BarcodeDetector({ formats: ["qr_code"] }));
}

function native(detector) {
  return async (video) => {
    const codes = await detector.detect(video);
    return codes.length ? codes[0].rawValue : "";
  };
}

/** jsQR in a worker of its own, so that the keys stay quick; loaded only where it is needed. */
function decoder() {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const worker = new Worker(document.documentElement.dataset.decoder);
  return new Promise((resolve) => {
    worker.onerror = () => resolve(null);
    worker.onmessage = () =>
      resolve(
        (video) =>
          new Promise((answer) => {
            canvas.width = Math.min(WIDTH, video.videoWidth);
            canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
            pen.drawImage(video, 0, 0, canvas.width, canvas.height);
            const frame = pen.getImageData(0, 0, canvas.width, canvas.height);
            worker.onmessage = (event) => answer(event.data);
            worker.postMessage(frame, [frame.data.buffer]);
          }),
      );
  });
}
