import type { Check } from '../../contract/maintenance.ts';

/** A service's clock is told to the second; more than that is a clock that is wrong. */
const TOLERATED_SECONDS = 2;

/**
 * How far a service's clock is from this host's.
 * @param timeMs what it told; it read its clock at some moment between `beforeMs` and `afterMs` of ours.
 */
export function clockFound(
  service: string,
  timeMs: number,
  beforeMs: number,
  afterMs: number,
): Pick<Check, 'found'> & Partial<Pick<Check, 'state' | 'whatToDo'>> {
  // It read its clock within the second it told.
  const lastMs = timeMs + 1000;
  const offMs = lastMs < beforeMs ? lastMs - beforeMs : timeMs > afterMs ? timeMs - afterMs : 0;
  const seconds = Math.round(Math.abs(offMs) / 1000);
  if (seconds <= TOLERATED_SECONDS) return { found: 'clocks agree' };
  return {
    state: 'warning',
    found: `this host's clock is ${seconds} s ${offMs > 0 ? 'behind' : 'ahead of'} ${service}'s`,
    whatToDo: 'Set the clocks of the workers by NTP: runs tell the age of data and of failures by them.',
  };
}
