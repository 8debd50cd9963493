// The ways in: from a scanned text or typed digits to the person it stands for, or to what is wrong with it.
import { isFresh, read } from "./codes.js";
import { decide } from "./decide.js";
import * as time from "./time.js";

/** A text from the camera or the wedge: {person} | {card: people} | {unknown: {event, alias, code}} | {stale} | {unread}. */
export async function byText(roster, text) {
  const code = read(text);
  if (!code) return { unread: true };
  if (code.kind === "card") {
    const holders = await roster.holders(`card:${code.token}`);
    return holders.length ? { card: holders } : { unknown: { code: code.text } };
  }
  const key = roster.keys.get(code.event);
  if (key && !(await isFresh(key, code.alias, code.code, time.now()))) return { stale: true };
  const person = roster.person(code.event, code.alias);
  return person ? { person } : { unknown: { event: code.event, alias: code.alias, code: code.text } };
}

const WORTH = ["coming", "going", "handover", "already", "early", "done", "over", "unknown"];

/** Of the same person in several events, the one where something is to be done now. */
export function nearest(people, settings) {
  const worth = (person) => WORTH.indexOf(decide(person.places, time.now(), settings).kind);
  return people.slice().sort((a, b) => worth(a) - worth(b))[0];
}

/** The people of whom a secret is true. */
export async function proven(roster, people, kind, digits) {
  const truths = await Promise.all(people.map((person) => roster.proves(person, kind, digits)));
  return people.filter((_, at) => truths[at]);
}
