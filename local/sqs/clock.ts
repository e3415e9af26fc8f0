/** Times are milliseconds since 1970. Tests replace it. */
export interface Clock {
  nowMs(): number;
  /** Calls `call` once, at `dueMs` or as soon as possible afterwards. @returns a function that cancels it */
  at(dueMs: number, call: () => void): () => void;
}

/** Never goes back, whatever happens to the time of the machine. */
export const STEADY_CLOCK: Clock = {
  nowMs: () => Math.floor(performance.timeOrigin + performance.now()),
  at(dueMs, call) {
    const timer = setTimeout(call, Math.max(0, dueMs - STEADY_CLOCK.nowMs()));
    return () => clearTimeout(timer);
  },
};
