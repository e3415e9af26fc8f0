import type { Client } from '@temporalio/client';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { findManifest, findPlan } from '../../store/run-files.ts';
import { placeOfRun } from '../observe/find-report.ts';
import { stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

interface RequestedPart {
  readonly pipeline: string;
  readonly run: string;
  /** The definition sent with the request, if any: the worker looks for the run in the bucket that it names. */
  readonly definition?: PipelineDefinition | undefined;
  readonly table?: string | undefined;
  readonly segments: readonly number[];
}

/** This check only saves time: without it, the worker reports the same problem later. */
const TIMEOUT_MS = 5000;

/**
 * Refuses a table or segments that the run does not have, and lists those it has. If the run cannot be inspected from
 * here (another machine's configuration, no credentials), the worker decides.
 * @throws CommandError
 */
export async function refuseUnknownPart(
  client: Client,
  parent: string,
  requested: RequestedPart,
  config: string | undefined,
): Promise<void> {
  const found = await inspectRun(client, parent, requested, config).catch(() => undefined);
  if (found === undefined) return;
  const { pipeline, run, table, segments, definition } = requested;
  const refuse = (what: string) =>
    new CommandError(ExitCode.usage, `Run ${run} of pipeline ${pipeline} ${what}`);
  if (found.segments === undefined) {
    // The worker's configuration may differ from this machine's.
    if (definition === undefined) return;
    throw refuse(`does not exist in ${found.place}. List them: ${TRIBUTARY} runs`);
  }
  const beyond = segments.filter((segment) => segment >= found.segments!);
  if (beyond.length > 0)
    throw refuse(
      `has no segment ${beyond.join(', ')}. It has ${found.segments}: 0 to ${found.segments - 1}.`,
    );
  if (table === undefined) return;
  if (found.tables === undefined)
    throw refuse('is not sealed, so it has no tables yet. Resume it with --from seal.');
  if (!found.tables.includes(table)) {
    throw refuse(
      `has no table ${table}${didYouMean(table, found.tables)}. It has: ${found.tables.join(', ')}.`,
    );
  }
}

interface FoundRun {
  readonly place: string;
  /** Undefined if there is no such run. */
  readonly segments: number | undefined;
  /** Undefined if the run is not sealed. */
  readonly tables: readonly string[] | undefined;
}

async function inspectRun(
  client: Client,
  parent: string,
  { pipeline, run, definition, table }: RequestedPart,
  config: string | undefined,
): Promise<FoundRun | undefined> {
  useLocalStack(stackInUse(config));
  const ref: RunRef = definition
    ? { pipeline, run, bucket: definition.staging.bucket, prefix: definition.staging.prefix }
    : await placeOfRun(client, { workflowId: parent, pipeline, run }, config);
  const store = storesHere().store(ref.bucket);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const plan = await findPlan(store, ref, signal);
  const manifest = table === undefined ? undefined : await findManifest(store, ref, signal);
  return {
    place: `s3://${ref.bucket}/${ref.prefix}`,
    segments: plan?.segments,
    tables: manifest?.tables.map(({ name }) => name),
  };
}
