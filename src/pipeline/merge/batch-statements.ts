import { appendStatements } from './append-statements.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { mergeStatements } from './merge-statements.ts';

/**
 * The statements of one batch, in one transaction: `runLongTransaction` takes them, in a session if they are too many or too
 * long for a batch of the Data API. With one or two groups of files they are fewer than 40. If they are submitted twice, the
 * second time fails a guard and changes nothing; `batchQuery` tells whether the first time was committed.
 */
export function batchStatements(load: BatchLoad): Statement[] {
  return load.merge === undefined ? appendStatements(load) : mergeStatements(load, load.merge);
}
