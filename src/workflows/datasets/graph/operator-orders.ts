import { defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { AcceptedMember } from '../../../contract/datasets/graph.ts';
import { type Acceptable, AcceptedMembers } from './accepted-members.ts';

const RETRY = 'Builds failed partitions again, now';
const FINISH = 'Ends a run that waits, with what it has built';

/** What an operator orders while a run is in progress, each by an update or a signal: `accept`, `retry` and `finish`. */
export class OperatorOrders {
  readonly accepted: AcceptedMembers;
  #isRetried = false;
  #isFinished = false;

  /** @param onAccepted called with each member that is accepted */
  constructor(
    accepted: readonly AcceptedMember[],
    acceptable: () => Acceptable,
    onAccepted: (member: AcceptedMember) => void,
  ) {
    this.accepted = new AcceptedMembers(accepted, acceptable, onAccepted);
    const retry = () => {
      this.#isRetried = true;
    };
    const finish = () => {
      this.#isFinished = true;
    };
    setHandler(defineUpdate<void, []>('retry'), retry, { description: RETRY });
    setHandler(defineSignal('retry'), retry, { description: RETRY });
    setHandler(defineUpdate<void, []>('finish'), finish, { description: FINISH });
    setHandler(defineSignal('finish'), finish, { description: FINISH });
  }

  get isRetried(): boolean {
    return this.#isRetried;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** A retry that was ordered is done, or forgotten. */
  endRetry(): void {
    this.#isRetried = false;
  }
}
