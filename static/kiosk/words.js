// Words: both languages stand in the shell, made by the server; one of them is spoken for this visit.
let language = "zh";

const set = () => document.getElementById(`words-${language}`).content;

export const spoken = () => language;

export function speak(name) {
  language = name;
  document.documentElement.lang = name === "en" ? "en" : "zh-CN";
}

/** A sentence with its {slots} filled; the test of the shell proves that every name used here exists. */
export function say(name, values = {}) {
  const found = set().querySelector(`[data-word="${name}"]`);
  const sentence = found ? found.textContent : name;
  return sentence.replace(/\{(\w+)\}/g, (slot, key) => (key in values ? String(values[key]) : slot));
}

/** The template of a screen in the language spoken. */
export const screen = (name) => set().querySelector(`template[data-screen="${name}"]`);
