import { defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import type { AcceptedMember } from '../../../contract/datasets/graph.ts';

const DESCRIPTION =
  'Accepts a dataset, or one partition of it, as it was built last: {"dataset":"…","partition":"…","reason":"…"}. Its groups are published with that';

/** Members of groups that an operator accepts while their run waits, by the update or signal `accept`. */
export class AcceptedMembers {
  readonly #members: AcceptedMember[];

  /** @param onAccepted called with each */
  constructor(carried: readonly AcceptedMember[], onAccepted: () => void) {
    this.#members = [...carried];
    const accept = (argument: unknown) => {
      this.#members.push(memberFrom(argument));
      onAccepted();
    };
    setHandler(defineUpdate<void, [unknown]>('accept'), accept, {
      description: DESCRIPTION,
      validator: (argument) => void memberFrom(argument),
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

  has({ dataset, partition }: { readonly dataset: string; readonly partition: string }): boolean {
    return this.#members.some(
      (member) => member.dataset === dataset && (member.partition ?? partition) === partition,
    );
  }
}

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
