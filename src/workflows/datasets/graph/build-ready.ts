import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { type BuildPartitionResult, buildPartitionWorkflowId } from '../../../contract/datasets/datasets.ts';
import type { ReadyPartition } from '../../../contract/datasets/graph.ts';
import { memoOfChild } from '../../as-typed.ts';
import { buildPartition } from '../build-partition.ts';
import { type ChildOutcome, runChildren } from '../run-children.ts';

/** How a partition was built, or why it was not. */
export type BuildOutcome = ChildOutcome<BuildPartitionResult>;

interface How {
  /** The time for which they are built. */
  readonly now: string;
  readonly force: boolean;
}

/** Builds partitions, one child per partition. @param ended called as each of them ends */
export const buildReady = (
  ready: readonly ReadyPartition[],
  how: How,
  ended: (partition: ReadyPartition, outcome: BuildOutcome) => void,
): Promise<void> =>
  runChildren<ReadyPartition, BuildPartitionResult>(ready, (each) => start(each, how), ended);

const start = ({ dataset, partition, path, isEmpty, reason, reads }: ReadyPartition, how: How) =>
  startChild(buildPartition, {
    workflowId: buildPartitionWorkflowId(dataset, path),
    // Another run may wait for it.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `${partition} of ${dataset}`,
    staticDetails: reason,
    args: [
      {
        ...{ dataset, partition: path, now: how.now },
        ...(isEmpty ? { empty: true } : {}),
        ...(reads === undefined ? {} : { reads }),
        ...(how.force ? { force: true } : {}),
      },
    ],
    ...memoOfChild(),
  });
