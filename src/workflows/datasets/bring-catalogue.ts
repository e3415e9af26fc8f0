import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { type CatalogueUpdate, updateCatalogueWorkflowId } from '../../contract/datasets/datasets.ts';
import { memoOfChild } from '../as-typed.ts';
import { type ChildOutcome, outcomeOf } from './run-children.ts';
import { updateCatalogue } from './update-catalogue.ts';

/** Runs `updateCatalogue`, after the one that is running, if any: that one may have compared before this run published. */
export const bringCatalogue = (dataset: string): Promise<ChildOutcome<CatalogueUpdate>> =>
  outcomeOf(() =>
    startChild(updateCatalogue, {
      workflowId: updateCatalogueWorkflowId(dataset),
      // Ended in the middle, it would leave the catalogue half updated.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `the catalogue of ${dataset}`,
      args: [{ dataset }],
      ...memoOfChild(),
    }),
  );
