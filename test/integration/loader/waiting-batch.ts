import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import {
  type LoadBatchInput,
  type LoadBatchResult,
  SIGNAL_BATCH_FAILED,
  SIGNAL_BATCH_SETTLED,
} from '../../../src/contract/loader/loader.ts';
import { notifyingOfFailure, notifyParent } from '../../../src/workflows/fan-out/notify-parent.ts';
import { terminalFailure } from '../../../src/workflows/terminal-failure.ts';

export * from '../../../src/workflows/index.ts';

/**
 * A batch that waits for the test: so that a test can keep one open for as long as it likes, and end it as it likes. It
 * reports as every batch does, and touches no table. It replaces the workflow of this name.
 */
export async function loadBatch({ batch, parent }: LoadBatchInput): Promise<LoadBatchResult> {
  let end: 'loaded' | 'failed' | undefined;
  setHandler(defineSignal<['loaded' | 'failed']>('end'), (how) => {
    end = how;
  });
  return notifyingOfFailure(parent, SIGNAL_BATCH_FAILED, { batch }, async () => {
    await condition(() => end !== undefined);
    if (end === 'failed') throw terminalFailure('LoadFailed', `batch ${batch} does not fit`);
    const result = { batch, files: 2, bytes: 20, rows: 4, merged: 4, deleted: 0, setAside: 0 };
    await notifyParent(parent, SIGNAL_BATCH_SETTLED, result);
    return result;
  });
}
