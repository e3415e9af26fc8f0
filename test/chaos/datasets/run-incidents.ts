import { seededChoice, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import type { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';

/** What happens to the runs of a dataset or a graph, and to their workers. */
export type RunIncident =
  /** SIGKILL for the calling worker; another one starts. */
  | { readonly kind: 'kill' }
  /** SIGSTOP for the calling worker, until so many milliseconds have passed: longer than its heartbeat timeouts. */
  | { readonly kind: 'freeze'; readonly milliseconds: number }
  /** The calling worker loses only its connection to Temporal, for as long. */
  | { readonly kind: 'cut off'; readonly milliseconds: number }
  /** An operator terminates the run; it is started again under its id. */
  | { readonly kind: 'terminate run' }
  /** An operator terminates all that the run has started and that is running. */
  | { readonly kind: 'terminate children' }
  /** A second run starts beside the first. */
  | { readonly kind: 'second run' };

/** @param freezes how many times as likely a freeze is as each other incident but a kill, which is twice as likely */
export function runIncidentOf(seed: number, i: number, freezes: 1 | 2): RunIncident {
  const milliseconds = seededInteger(2_500, 4_500, seed, 'incident', i, 'milliseconds');
  const freeze = { kind: 'freeze', milliseconds } as const;
  return seededChoice<RunIncident>(
    [
      { kind: 'kill' },
      { kind: 'kill' },
      ...Array.from({ length: freezes }, () => freeze),
      { kind: 'cut off', milliseconds },
      { kind: 'terminate run' },
      { kind: 'terminate children' },
      { kind: 'second run' },
    ],
    seed,
    'incident',
    i,
  );
}

interface RunOperator {
  terminateRun(): Promise<void>;
  terminateChildren(): Promise<void>;
  secondRun(): Promise<unknown>;
}

/** Performs an incident. The call that triggered it waits only until a frozen worker resumes. */
export async function perform(
  what: RunIncident,
  host: WorkerHost,
  { fleet, operator }: { readonly fleet: WorkerFleet; readonly operator: RunOperator },
): Promise<void> {
  if (fleet.isEnded) return;
  fleet.count(what.kind);
  fleet.say(JSON.stringify(what));
  switch (what.kind) {
    case 'kill':
    case 'freeze':
    case 'cut off':
      return fleet.harm(what, host);
    case 'terminate run':
      return fleet.act(operator.terminateRun());
    case 'terminate children':
      return fleet.act(operator.terminateChildren());
    case 'second run':
      return fleet.act(operator.secondRun());
  }
}
