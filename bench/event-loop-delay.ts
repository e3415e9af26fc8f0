import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Load it with `node --import` before a worker: it measures how long Temporal's thread is blocked; extraction threads load it too. SIGHUP starts
 * the measurement again, without the cost of the start; at exit it writes milliseconds to EVENT_LOOP_DELAY_FILE.
 */
if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  process.on('SIGHUP', () => delays.reset());
  process.on('exit', () => {
    const milliseconds = (nanoseconds: number) => Math.round(nanoseconds / 1e6);
    const found = {
      median: milliseconds(delays.percentile(50)),
      p99: milliseconds(delays.percentile(99)),
      max: milliseconds(delays.max),
    };
    writeFileSync(process.env.EVENT_LOOP_DELAY_FILE as string, JSON.stringify(found));
  });
}
