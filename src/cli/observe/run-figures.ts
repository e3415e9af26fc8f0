import type { Client } from '@temporalio/client';
import type { DriftCounts, TableResult } from '../../contract/refresh.ts';
import { driftCounts } from '../../pipeline/schema/drift.ts';
import { stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { reportByTemporal } from './find-report.ts';
import type { RunObservation } from './observe-run.ts';

/** What a run has done, whether it succeeded or not. */
export interface RunFigures {
  readonly tables: readonly TableResult[];
  readonly items: number;
  readonly rejects: number;
  /** Undefined if there are none. */
  readonly filtered?: number | undefined;
  /** Undefined before the seal. */
  readonly drift?: DriftCounts | undefined;
}

export const NO_FIGURES: RunFigures = { tables: [], items: 0, rejects: 0 };

/** The AWS clients search for missing credentials for many seconds. */
const REPORT_MS = 10_000;

/**
 * From the run's result, else from its report in S3, else (if S3 cannot be read from here) from the progress of its
 * extraction.
 */
export async function figuresOf(
  client: Client,
  seen: RunObservation | undefined,
  config: string | undefined,
): Promise<RunFigures> {
  if (seen === undefined) return NO_FIGURES;
  if (seen.result !== undefined) return seen.result;
  const known: RunFigures = { ...NO_FIGURES, items: seen.progress?.extract?.items ?? 0 };
  let giveUp: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    giveUp = setTimeout(() => resolve(undefined), REPORT_MS).unref();
  });
  try {
    return (await Promise.race([reported(client, seen.workflowId, config), late])) ?? known;
  } catch {
    return known;
  } finally {
    clearTimeout(giveUp);
  }
}

async function reported(client: Client, workflowId: string, config: string | undefined): Promise<RunFigures> {
  useLocalStack(stackInUse(config));
  const stores = storesHere();
  const { tables, items, rejects, filtered, drift } = await reportByTemporal(
    stores,
    client,
    workflowId,
    config,
  );
  return { tables, items, rejects, filtered, drift: drift && driftCounts(drift) };
}
