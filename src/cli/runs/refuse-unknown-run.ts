import type { Client } from '@temporalio/client';
import { refreshWorkflowId } from '../../contract/refresh.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { findPlan } from '../../store/run-files.ts';
import { placeOfRun } from '../observe/find-report.ts';
import { findRun, findRunOf } from '../observe/find-run.ts';
import { stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

interface ResumedRun {
  readonly pipeline: string;
  readonly run: string;
  readonly definition?: PipelineDefinition | undefined;
}

/** This check only saves time: without it, the worker reports the same problem later. */
const TIMEOUT_MS = 5000;

/**
 * Refuses to resume a run that does not exist. Temporal forgets runs before their directories are pruned, so one that only
 * S3 knows exists. If S3 cannot be read from here, the worker decides.
 * @throws CommandError with the nearest run
 */
export async function refuseUnknownRun(
  client: Client,
  resumed: ResumedRun,
  config: string | undefined,
): Promise<void> {
  const { pipeline, run } = resumed;
  if ((await findRunOf(client, pipeline, run)) !== undefined) return;
  const isInS3 = await hasPlan(client, resumed, config).catch(() => undefined);
  if (isInS3 !== false) return;
  const other = await findRun(client, run, config);
  throw new CommandError(
    ExitCode.usage,
    `Pipeline ${pipeline} has no run ${run}. Of this name there is ${other}.`,
  );
}

async function hasPlan(
  client: Client,
  { pipeline, run, definition }: ResumedRun,
  config: string | undefined,
): Promise<boolean> {
  useLocalStack(stackInUse(config));
  const ref =
    definition === undefined
      ? await placeOfRun(client, { workflowId: refreshWorkflowId(pipeline, run), pipeline, run }, config)
      : { pipeline, run, bucket: definition.staging.bucket, prefix: definition.staging.prefix };
  const store = storesHere().store(ref.bucket);
  return (await findPlan(store, ref, AbortSignal.timeout(TIMEOUT_MS))) !== undefined;
}
