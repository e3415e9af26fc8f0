import type { Check } from '../../contract/maintenance.ts';

/** Services report their time in whole seconds; a larger difference means that a clock is wrong. */
const TOLERATED_SECONDS = 2;

/**
 * The difference between a service's clock and this host's.
 * @param timeMs the service's time, read between `beforeMs` and `afterMs` by our clock.
 */
export function clockFound(
  service: string,
  timeMs: number,
  beforeMs: number,
  afterMs: number,
): Pick<Check, 'found'> & Partial<Pick<Check, 'state' | 'whatToDo'>> {
  // The true time lies within the reported second.
  const lastMs = timeMs + 1000;
  const offMs = lastMs < beforeMs ? lastMs - beforeMs : timeMs > afterMs ? timeMs - afterMs : 0;
  const seconds = Math.round(Math.abs(offMs) / 1000);
  if (seconds <= TOLERATED_SECONDS) return { found: 'clocks agree' };
  return {
    state: 'warning',
    found: `this host's clock is ${seconds} s ${offMs > 0 ? 'behind' : 'ahead of'} ${service}'s`,
    whatToDo:
      'Synchronise the workers’ clocks with NTP. Runs are ordered by S3’s clock, but AWS rejects signatures of a wrong one, and reports show its times.',
  };
}
