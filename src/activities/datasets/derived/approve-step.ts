import { Terminal } from '../../../clients/errors.ts';
import type { ApproveStepResult } from '../../../contract/datasets/graph.ts';
import { amend } from '../../../store/bookmark.ts';
import { approval } from '../../../store/datasets/dataset-documents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { judgedStep } from './judged-step.ts';
import { openGraph } from './open-graph.ts';

/** Lets all partitions be rebuilt by the current step of a dataset. @throws Terminal `UnknownDataset`, `BadInput` */
export async function approveStep(
  deps: Dependencies,
  dataset: string,
  signal: AbortSignal,
): Promise<ApproveStepResult> {
  const graph = await openGraph(deps, [dataset]);
  const definition = graph.derived[dataset];
  if (definition === undefined)
    throw new Terminal('BadInput', `${dataset} is made of files: its earlier days change only by a rebuild.`);
  const { version: code } = await judgedStep(deps, dataset, definition, signal);
  const files = graph.filesOf(dataset);
  const approvedAt = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
  await amend(
    approval(files),
    (before) => (before?.code === code ? before : { version: 1 as const, code, approvedAt }),
    signal,
  );
  return { dataset, code };
}
