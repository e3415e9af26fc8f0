/** Milliseconds since 1970, ahead of the machine's time by an offset that tests set. */
export class AdjustableClock {
  offsetMs = 0;

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }
}
