import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { type CatalogueUpdate, updateCatalogueWorkflowId } from '../../contract/datasets/datasets.ts';
import { memoOfChild } from '../as-typed.ts';
import { updateCatalogue } from './update-catalogue.ts';

/** How long it waits for another one: twice as long each time. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 60_000];

/**
 * Runs `updateCatalogue`, after the one that is running, if any: that one may have compared before this run published.
 * @throws ChildWorkflowFailure
 */
export async function bringCatalogue(dataset: string): Promise<CatalogueUpdate> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      const child = await startChild(updateCatalogue, {
        workflowId: updateCatalogueWorkflowId(dataset),
        // Ended in the middle, it would leave the catalogue half updated.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `the catalogue of ${dataset}`,
        args: [{ dataset }],
        ...memoOfChild(),
      });
      return await child.result();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
}
