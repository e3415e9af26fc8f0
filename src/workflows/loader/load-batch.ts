import { TemporalFailure } from '@temporalio/common';
import { isCancellation, log, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { LoadBatchActivities } from '../../contract/loader/load-batch-activities.ts';
import {
  type LoadBatchInput,
  type LoadBatchResult,
  SIGNAL_BATCH_FAILED,
  SIGNAL_BATCH_SETTLED,
} from '../../contract/loader/loader.ts';
import { batchNumber } from '../../pipeline/loader/loader-directory.ts';
import type { NextStep } from '../../pipeline/run/outcome.ts';
import { byteSize, count, counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { notifyingOfFailure, notifyParent } from '../fan-out/notify-parent.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { badInput } from '../terminal-failure.ts';

const { loadBatchFiles } = proxyActivities<LoadBatchActivities>(profiles.statements);
const { recordBatchFailure } = proxyActivities<LoadBatchActivities>(profiles.report);

/**
 * Loads one batch of a loader. It can be started alone, with the loader's name and the batch's number.
 *
 * 1. One guarded transaction loads the files that the ledger does not name yet.
 * 2. If that fails, record in the batch's directory why it is parked.
 * 3. Report success or failure to the loader, by its workflow id. The activity reports success itself, if it can.
 */
export async function loadBatch(input: LoadBatchInput): Promise<LoadBatchResult> {
  refuseUnknownInput(input, { loader: true, batch: true, parent: true });
  const { loader, batch, parent } = input;
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw badInput(
      `\`batch\` must be the number of a batch, from 1, e.g. {"loader":"quakes","batch":12}; it is ${JSON.stringify(batch)}.`,
    );
  }
  const { reported, ...result } = await explainingFailure(
    () => `Parked: batch ${batchNumber(batch)} of loader ${loader}`,
    (code) => nextStepOf(input, code),
    () =>
      notifyingOfFailure(parent, SIGNAL_BATCH_FAILED, { batch }, () =>
        recordingFailure(input, () =>
          loadBatchFiles.executeWithOptions({ summary: `batch ${batchNumber(batch)} of ${loader}` }, [input]),
        ),
      ),
  );
  setCurrentDetails(detailsOf(result));
  if (!reported) await notifyParent(parent, SIGNAL_BATCH_SETTLED, result);
  return result;
}

/** The failure of a batch is kept in S3: its workflow may be deleted long before an operator looks at it. */
async function recordingFailure<T>({ loader, batch }: LoadBatchInput, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (!(failure instanceof TemporalFailure) || isCancellation(failure)) throw failure;
    const { type: code, message } = rootCause(failure);
    try {
      const summary = `batch ${batchNumber(batch)} is parked`;
      await recordBatchFailure.executeWithOptions({ summary }, [{ loader, batch, code, message }]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.warn('the failure of the batch could not be recorded', { batch, error: String(error) });
    }
    throw failure;
  }
}

/** Failures after which the same batch can still be loaded, once their cause is fixed, need no other way out. */
const ONLY_RETRY: ReadonlySet<string> = new Set([
  'TargetMissing',
  'TargetUnfit',
  'TargetRecreated',
  'LoadContended',
  'ConfigInvalid',
  'UnknownLoader',
]);

function nextStepOf({ loader, batch }: LoadBatchInput, code: string): NextStep | undefined {
  if (code === 'UnknownBatch' || code === 'BadInput') return undefined;
  const ways = `"tributary loader split ${loader} ${batch}" and "tributary loader skip ${loader} ${batch}" leave files out`;
  return {
    fix: ONLY_RETRY.has(code) ? 'Fix the cause' : `Fix the cause (${ways})`,
    commands: [`tributary loader retry ${loader} ${batch}`],
    resumes: true,
  };
}

function detailsOf({ files, bytes, rows, merged, deleted, setAside, notes = [] }: LoadBatchResult): string {
  const counts = [
    `${counted(files, 'file')}, ${byteSize(bytes)}`,
    `${counted(rows, 'row')} read`,
    `${count(merged)} written`,
    ...(deleted === 0 ? [] : [`${count(deleted)} deleted`]),
    ...(setAside === 0 ? [] : [`${count(setAside)} set aside`]),
  ];
  return [`**Done**: ${counts.join(', ')}`, ...notes.map((note) => `\n- ${note}`)].join('\n');
}
