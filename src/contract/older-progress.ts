import type { FanOutProgress, PhaseProgress } from './refresh.ts';

/** What the answers of a run's and an inference's query `progress` have in common. */
interface Answer {
  readonly phases?: readonly PhaseProgress[];
  readonly extract?: FanOutProgress;
  readonly load?: FanOutProgress;
  readonly scan?: FanOutProgress;
}

/** In answers of version 0.1.0, `waiting` is what is now called `not started`, and `notStarted` in a fan-out. */
interface OlderFanOut extends Omit<FanOutProgress, 'notStarted'> {
  readonly waiting: number;
}

/** An answer in today's form, if a worker of an older version gave it. Other members stay as they are. */
export function currentProgress<Shown extends object>(answer: Shown): Shown {
  const { phases, extract, load, scan }: Answer = answer;
  return {
    ...answer,
    ...(phases && { phases: phases.map(currentPhase) }),
    ...(extract && { extract: currentFanOut(extract) }),
    ...(load && { load: currentFanOut(load) }),
    ...(scan && { scan: currentFanOut(scan) }),
  };
}

function currentPhase(phase: PhaseProgress): PhaseProgress {
  return (phase.state as string) === 'waiting' ? { ...phase, state: 'not started' } : phase;
}

function currentFanOut(fan: FanOutProgress | OlderFanOut): FanOutProgress {
  if (!('waiting' in fan)) return fan;
  const { waiting, ...others } = fan;
  return { ...others, notStarted: waiting };
}
