import { defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import { type AcceptedMember, isAccepted, memberName } from '../../../contract/datasets/graph.ts';
import type { Failed } from './failed-partitions.ts';

const DESCRIPTION =
  'Accepts what failed of a dataset, or one partition of it, as it was built last: {"dataset":"…","partition":"…","reason":"…"}. What depends on it is built, and groups are published with it';

type Named = Pick<Failed, 'dataset' | 'partition'>;

/** What can be accepted. */
export interface Acceptable {
  readonly failed: readonly Named[];
  /** Of those that failed: nothing was ever built of them. */
  readonly neverBuilt: readonly Named[];
}

/** Members of groups that an operator accepts while their run waits, by the update or signal `accept`. */
export class AcceptedMembers {
  readonly #members: AcceptedMember[];

  /** @param onAccepted called with each */
  constructor(
    carried: readonly AcceptedMember[],
    acceptable: () => Acceptable,
    onAccepted: (member: AcceptedMember) => void,
  ) {
    this.#members = [...carried];
    const accept = (argument: unknown) => {
      const member = memberFrom(argument);
      this.#members.push(member);
      onAccepted(member);
    };
    setHandler(defineUpdate<void, [unknown]>('accept'), accept, {
      description: DESCRIPTION,
      validator: (argument) => refuseOthers(memberFrom(argument), acceptable()),
    });
    // A handler that throws blocks its workflow, and the Web UI sends empty signals.
    setHandler(
      defineSignal<[unknown]>('accept'),
      (argument) => {
        try {
          accept(argument);
        } catch (error) {
          log.warn('a signal that does not fit was ignored', { error: String(error) });
        }
      },
      { description: DESCRIPTION },
    );
  }

  get all(): readonly AcceptedMember[] {
    return this.#members;
  }

  /** Those of a group. */
  of(datasets: readonly string[]): AcceptedMember[] {
    return this.#members.filter(({ dataset }) => datasets.includes(dataset));
  }

  has(partition: Named): boolean {
    return this.#members.some((member) => isAccepted(member, partition));
  }
}

/** @throws Error if nothing of it has failed, or if nothing of it was ever built */
function refuseOthers(member: AcceptedMember, { failed, neverBuilt }: Acceptable): void {
  const own = failed.filter((each) => isAccepted(member, each));
  if (own.length === 0) {
    const others = failed.length === 0 ? 'nothing has' : `these have: ${listed(failed)}`;
    throw new Error(`nothing of ${memberName(member)} has failed in this run; ${others}`);
  }
  const missing = own.filter((each) => neverBuilt.some((never) => isAccepted(never, each)));
  if (missing.length > 0)
    throw new Error(
      `${listed(missing)} cannot be accepted as built last, because nothing was ever built of it. Fix the cause and retry, or finish the run`,
    );
}

const MOST_NAMED = 10;
const listed = (partitions: readonly Named[]): string =>
  partitions.slice(0, MOST_NAMED).map(memberName).join(', ') +
  (partitions.length > MOST_NAMED ? ` and ${partitions.length - MOST_NAMED} more` : '');

/** @throws Error with what is expected */
function memberFrom(argument: unknown): AcceptedMember {
  const { dataset, partition, reason } = Object(argument) as Readonly<Record<string, unknown>>;
  if (typeof dataset !== 'string' || typeof reason !== 'string' || reason.trim() === '')
    throw new Error(
      `expected {"dataset":"…","reason":"…"}, with a partition if only that is accepted; got ${JSON.stringify(argument)}`,
    );
  if (partition !== undefined && typeof partition !== 'string')
    throw new Error(`expected a partition as text, e.g. "2026-11"; got ${JSON.stringify(partition)}`);
  return { dataset, reason: reason.slice(0, 500), ...(partition === undefined ? {} : { partition }) };
}
