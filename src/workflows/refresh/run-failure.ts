import { TemporalFailure } from '@temporalio/common';
import { isCancellation, workflowInfo } from '@temporalio/workflow';
import { explained, occurrenceOf, rootCause } from '../../contract/failure.ts';
import { progressDetails } from '../../contract/progress-details.ts';
import type { RefreshInput } from '../../contract/refresh.ts';
import { situationOf } from '../../contract/run-situation.ts';
import { isAfterSwap, nextStep, placeOf } from '../../pipeline/run/outcome.ts';
import { asTyped, showDetails } from '../as-typed.ts';
import type { RunLineage } from '../lineage/run-lineage.ts';
import type { RunAlerts } from './run-alerts.ts';
import type { RunProgress } from './run-progress.ts';
import type { RunReport } from './run-report.ts';

interface FailingRun {
  readonly input: RefreshInput;
  readonly progress: RunProgress;
  readonly report: RunReport;
  readonly alerts: RunAlerts;
  readonly lineage: RunLineage;
  readonly options: readonly string[];
}

/**
 * Does a run's work. If it fails or is cancelled, its current details say so, with the cause and what to do. The
 * workflow's own failure says the same, because Temporal's message for it is "Activity task failed".
 */
export async function explainingRunFailure<T>(
  { input, progress, report, alerts, lineage, options }: FailingRun,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    const { type, message } = rootCause(error);
    const now = { ...(input.run === undefined ? {} : { run: input.run }), ...progress.snapshot() };
    const end = { state, cause: state === 'failed' ? message : undefined, failureType: type } as const;
    showDetails(progressDetails(now, { options, report: report.page, end }));
    if (state === 'cancelled') {
      await lineage.ended('ABORT', { replaced: false });
      throw error;
    }
    const step = nextStep({ ...situationOf(now, options), state, failureType: type });
    await alerts.failed({ run: now.run, type, message, occurrence: occurrenceOf(error), step });
    await lineage.ended('FAIL', { error: message, replaced: isAfterSwap(type) });
    throw explained(error, `Failed ${placeOf(now.phase, type)}`, step, asTyped);
  }
}

/** The configuration file that the command which started this run sent its definition from. */
export function configFile(): string | undefined {
  const file = workflowInfo().memo?.config;
  return typeof file === 'string' ? file : undefined;
}
