import { counted, duration } from '../pipeline/text/measures.ts';
import type { CatchUpProgress } from './refresh.ts';

const STATES: Readonly<Record<CatchUpProgress['state'], string>> = {
  waiting: 'waiting for the destination',
  'catching up': 'being applied to staging',
  'cannot catch up':
    'arriving as fast as they are applied to staging. A larger applyBytes, more capacity of the warehouse, or fewer writes would help',
  paused: 'applied to staging. The destination is paused; resume it to let the run replace live',
  swapping: 'applied to staging, which replaces live now',
  done: 'applied',
};

/** How far a run has caught up, in one line. */
export function catchUpText({ state, rounds, seconds, left }: CatchUpProgress): string {
  if (rounds === 0) return STATES[state];
  return `${STATES[state]}; ${counted(rounds, 'apply', 'applies')}, the last in ${duration(seconds)}, ${counted(left, 'change')} left`;
}
