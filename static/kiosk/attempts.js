// Attempts: five wrong tries within a minute pause the keys for half a minute.
const MOST = 5;
const WITHIN = 60000;
export const PAUSE = 30000;

export class Attempts {
  constructor(clock = () => Date.now()) {
    this.clock = clock;
    this.wrong = [];
    this.pausedUntil = 0;
  }

  get isPaused() {
    return this.clock() < this.pausedUntil;
  }

  get secondsLeft() {
    return Math.max(1, (this.pausedUntil - this.clock()) / 1000);
  }

  /** One more wrong try; answers whether the keys pause now. */
  miss() {
    const now = this.clock();
    this.wrong = this.wrong.filter((at) => now - at < WITHIN).concat(now);
    if (this.wrong.length < MOST) return false;
    this.wrong = [];
    this.pausedUntil = now + PAUSE;
    return true;
  }
}
