import type { Reported } from '../refresh-activities.ts';
import type { AcceptTableInput, LoadBatchInput, LoadBatchResult } from './loader.ts';

/** The activities that `loadBatch` calls: types only, so that workflow code can import them. */

export interface BatchFailed {
  readonly loader: string;
  readonly batch: number;
  readonly code: string;
  readonly message: string;
}

export interface LoadBatchActivities {
  /** Loads the files of a batch that are not loaded yet. */
  loadBatchFiles(input: LoadBatchInput): Promise<LoadBatchResult & Reported>;
  /** Records in the batch's directory why it is parked. A batch that is closed is left as it is. */
  recordBatchFailure(input: BatchFailed): Promise<void>;
  /** Takes over a table that replaced the one that the loader knew, as an operator asked. */
  acceptTable(input: AcceptTableInput): Promise<void>;
}
