// The decoder: a worker that reads QR codes where the browser cannot. It gets a frame, answers its text, keeps nothing.
importScripts("/static/vendor/jsQR.js");

self.onmessage = (event) => {
  const { data, width, height } = event.data;
  const code = self.jsQR(data, width, height, { inversionAttempts: "dontInvert" });
  self.postMessage(code ? code.data : "");
};
self.postMessage("ready");
