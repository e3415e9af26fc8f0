import type { Client } from '@temporalio/client';
import type { Dependencies } from '../../activities/runtime/dependencies.ts';
import { Terminal } from '../../clients/errors.ts';
import { type RefreshInput, refreshWorkflowId } from '../../contract/refresh.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Report, RunEnd } from '../../pipeline/run/report.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { findReport, gatherReport } from '../../store/gather-report.ts';
import { configHere } from '../temporal/config-here.ts';
import { knownInput } from '../temporal/known-input.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { findRun, newestDecodable, newestRuns } from './find-run.ts';
import { observeRun, type RunObservation } from './observe-run.ts';
import { secondsOf } from './run-state.ts';

/** So many of the newest runs may be impossible to decode here. */
const NEWEST_READ = 20;

type Stores = Pick<Dependencies, 'store'>;

/** The report of a run, found in S3 alone. Undefined if no configured pipeline has it. */
export async function reportInConfiguredPlaces(
  { store }: Stores,
  name: string,
  config: string | undefined,
): Promise<Report | undefined> {
  const { pipelines } = await configHere(config).catch(() => ({ pipelines: {} }));
  for (const [pipeline, { staging }] of Object.entries(pipelines)) {
    const prefix = refreshWorkflowId(pipeline, '');
    const run = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (!/^[a-z0-9_]+$/.test(run)) continue;
    const report = await findReport(store(staging.bucket), { pipeline, run, ...staging });
    if (report !== undefined) return report;
  }
  return undefined;
}

/**
 * The report of a run that Temporal knows; without a name, of the newest run. If the run wrote no report, it is built
 * now. @throws CommandError if there is no such run.
 */
export async function reportByTemporal(
  { store }: Stores,
  client: Client,
  name: string | undefined,
  config: string | undefined,
): Promise<Report> {
  const workflowId =
    name === undefined
      ? newestDecodable(await newestRuns(client, { limit: NEWEST_READ }))?.workflowId
      : await findRun(client, name, config);
  if (workflowId === undefined) {
    throw new CommandError(ExitCode.usage, `No runs yet. Start one: ${TRIBUTARY} run <pipeline>`);
  }
  const seen = await observeRun(client, workflowId);
  const ref = await placeOfRun(client, seen, config);
  const written = await findReport(store(ref.bucket), ref);
  if (written !== undefined) return written;
  try {
    return await gatherReport(store(ref.bucket), ref, endOf(seen));
  } catch (error) {
    if (!(error instanceof Terminal) || error.code !== 'RunNotFound') throw error;
    const reason = seen.failure === undefined ? '' : ` The run failed: ${seen.failure}`;
    throw new CommandError(
      ExitCode.failed,
      `Run ${ref.run} of ${ref.pipeline} wrote nothing, or was pruned, so there is nothing to report.${reason}`,
    );
  }
}

/** Where the run's directory is, according to its input or, without a definition there, to the configuration. */
export async function placeOfRun(
  client: Client,
  seen: Pick<RunObservation, 'workflowId' | 'pipeline' | 'run'>,
  config: string | undefined,
): Promise<RunRef> {
  const { workflowId, pipeline, run } = seen;
  if (pipeline === undefined || run === undefined) {
    throw new CommandError(
      ExitCode.usage,
      `Workflow ${workflowId} has not named its run yet. Try again in a few seconds.`,
    );
  }
  const own = await definitionIn(client, workflowId);
  const { pipelines } = own === undefined ? await configHere(config) : { pipelines: {} };
  const definition = own ?? (pipelines as Record<string, Pipeline>)[pipeline];
  if (definition === undefined) {
    throw new CommandError(
      ExitCode.usage,
      `The configuration has no pipeline "${pipeline}", so the directory of run ${run} is not known. Give the ` +
        "worker's file with --config.",
    );
  }
  return { pipeline, run, bucket: definition.staging.bucket, prefix: definition.staging.prefix };
}

/** Undefined if the input is unavailable, or has no valid definition. The configuration then decides. */
async function definitionIn(client: Client, workflowId: string): Promise<PipelineDefinition | undefined> {
  const input = await knownInput<RefreshInput>(client, { workflowId });
  return PipelineDefinition.safeParse(input?.definition).data;
}

function endOf(seen: RunObservation): RunEnd {
  const { workflowId, state, progress, result, failure, failureType } = seen;
  const fan = progress?.phase === 'extract' ? progress.extract : progress?.load;
  return {
    workflowId,
    status: result?.status ?? progress?.phase ?? 'plan',
    outcome: state,
    seconds: result?.seconds ?? secondsOf(seen),
    phases: progress === undefined ? [] : [...progress.phases],
    unfinished: state === 'waiting' ? [...(fan?.unfinished ?? [])] : [],
    ...(failure === undefined ? {} : { error: { type: failureType ?? state, message: failure } }),
  };
}
