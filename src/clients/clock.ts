/** The clock of what waits its turn, which tests replace. */
export interface Clock {
  nowMs(): number;
  after(waitMs: number, call: () => void): void;
}

export const STEADY_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after(waitMs, call) {
    setTimeout(call, waitMs);
  },
};
