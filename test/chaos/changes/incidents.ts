import type { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import type { ChangesOperator } from './changes-operator.ts';
import type { Outage } from './outage.ts';
import type { ChangesIncident } from './schedule.ts';

interface Parts {
  readonly fleet: WorkerFleet;
  readonly operator: ChangesOperator;
  readonly outage: Outage;
}

/** Performs an incident. The call that triggered it waits only until a frozen worker resumes. */
export async function perform(
  what: ChangesIncident,
  host: WorkerHost,
  { fleet, operator, outage }: Parts,
): Promise<void> {
  if (fleet.isEnded) return;
  fleet.count('what' in what ? `${what.kind} ${what.what}` : what.kind);
  fleet.say(JSON.stringify(what));
  switch (what.kind) {
    case 'kill':
    case 'freeze':
    case 'cut off':
      return fleet.harm(what, host);
    case 'destination down':
      outage.begin();
      return fleet.act(fleet.asleep(what.milliseconds).then(() => outage.end()));
    case 'restart':
      return fleet.act(operator.restart(what.what));
    case 'reset':
      return fleet.act(operator.reset(what.what, what.fraction));
    case 'ask for retry':
      return fleet.act(operator.askForRetry());
    case 'pause':
      return fleet.act(operator.pauseAndResume());
  }
}
