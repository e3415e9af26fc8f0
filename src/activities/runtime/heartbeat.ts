import { Context } from '@temporalio/activity';

/** Longest time between two heartbeats; shorter where the activity's heartbeat time-out asks for it. */
const MAX_INTERVAL_MS = 5_000;

/**
 * Runs `work` while telling Temporal that this attempt lives. `describe` is what people see as heartbeat
 * details; nothing ever resumes from it. The context is taken before the timer starts: Temporal's calls fail
 * outside of the activity's own asynchronous context.
 */
export async function whileHeartbeating<T>(
  describe: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(describe());
  beat();
  const { heartbeatTimeoutMs = 0 } = context.info;
  const timer = setInterval(beat, Math.min(MAX_INTERVAL_MS, heartbeatTimeoutMs / 4 || MAX_INTERVAL_MS));
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
