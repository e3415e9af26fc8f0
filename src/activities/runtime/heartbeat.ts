import { Context } from '@temporalio/activity';

/** Longest time between two heartbeats; shorter if the activity's heartbeat timeout requires it. */
const MAX_INTERVAL_MS = 5_000;

/**
 * Runs `work` while sending heartbeats. `describe` gives the heartbeat details for operators; nothing ever resumes from
 * them. The context is taken before the timer starts, because Temporal's API fails outside the activity's own
 * asynchronous context.
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
