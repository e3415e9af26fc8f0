import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * To be loaded by `node --import` before a worker: measures how long the worker's own thread is kept from its
 * other work. SIGHUP starts anew, without what the start cost; the end writes milliseconds to EVENT_LOOP_DELAY_FILE.
 */
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
