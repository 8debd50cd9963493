// Sounds: two rising notes for yes, one soft low one for no, a bell; at most half a second, one volume, mutable. No names.
const TONES = {
  yes: [[660, 0, 0.14], [880, 0.15, 0.22]],
  no: [[220, 0, 0.3]],
  bell: [[1320, 0, 0.22], [1056, 0.24, 0.26]],
};
const VOLUME = 0.18;

let context = null;
let isMuted = false;

export const muted = () => isMuted;

export function mute(value) {
  isMuted = value;
}

/** Browsers let a page sound only after it was touched once. */
export function wake() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!context && Context) context = new Context();
  if (context && context.state === "suspended") context.resume();
}

/** Answers whether it could be heard. The bell calls a person: it rings on a muted kiosk, too. */
export function play(name) {
  if ((isMuted && name !== "bell") || !context || context.state !== "running") return false;
  for (const [pitch, after, length] of TONES[name]) note(pitch, context.currentTime + after, length);
  return true;
}

function note(pitch, at, length) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "sine";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(VOLUME, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + length);
}
