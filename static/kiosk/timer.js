// Timers: how long a screen may stay before it clears itself (the drawings' times, in seconds).
export const STAY = {
  in: 6, out: 6, swap: 6, already: 6, done: 6, recorded: 6, undone: 6,
  early: 15, unread: 15, stale: 15, nobody: 15, wrong: 15, help: 15, paper: 15,
  pick: 20, prove: 20, months: 20, card: 20, digits: 15, language: 20,
};
export const MANUAL = 60;
export const STILL = 10;

export class Timer {
  start(seconds, over) {
    this.stop();
    this.handle = setTimeout(over, seconds * 1000);
    this.again = () => this.start(seconds, over);
  }

  /** Somebody touched the screen: the time begins anew. */
  renew() {
    if (this.again) this.again();
  }

  stop() {
    clearTimeout(this.handle);
    this.again = null;
  }
}
