import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import {
  datasetWorkflowId,
  type FailedChild,
  type RefreshDatasetResult,
} from '../../../contract/datasets/datasets.ts';
import type { RefreshGraphInput } from '../../../contract/datasets/graph.ts';
import { memoOfChild } from '../../as-typed.ts';
import { refreshDataset } from '../refresh-dataset.ts';
import { type ChildOutcome, runChildren } from '../run-children.ts';

/** How new files of a source were taken. */
export interface TakenFiles {
  /** Why some of its files were not taken; absent if all were. */
  readonly failure?: string;
  readonly warnings: readonly string[];
}

/** Takes new files of sources, one child per source. @param taken called as each of them ends */
export function takeFiles(
  sources: readonly string[],
  { everything, late }: Pick<RefreshGraphInput, 'everything' | 'late'>,
  taken: (source: string, files: TakenFiles) => void,
): Promise<void> {
  const time = workflowInfo().workflowId.split('/').at(-1) ?? '';
  const which = {
    ...(everything === undefined ? {} : { everything }),
    ...(late === undefined ? {} : { late }),
  };
  return runChildren<string, RefreshDatasetResult>(
    sources,
    (dataset) =>
      startChild(refreshDataset, {
        workflowId: datasetWorkflowId(dataset, time),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `new files of ${dataset}`,
        args: [{ dataset, ...which }],
        ...memoOfChild(),
      }),
    (dataset, outcome) => taken(dataset, takenBy(outcome)),
  );
}

function takenBy(outcome: ChildOutcome<RefreshDatasetResult>): TakenFiles {
  if (outcome.kind === 'failed') return { failure: `${outcome.code}: ${outcome.error}`, warnings: [] };
  const { parked, failed, warnings = [] } = outcome.output;
  const isAll = parked === 0 && !failed.some(isOfFiles);
  return isAll ? { warnings } : { failure: 'some of its files were not taken', warnings };
}

/** Its catalogue or its pruning may have failed, too: that costs no file. */
const isOfFiles = ({ child }: FailedChild) => child !== 'catalogue' && child !== 'pruning';
