import type { Client } from '@temporalio/client';
import { didYouMean } from '../../config/nearest.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { findManifest, findPlan } from '../../store/run-files.ts';
import { dependenciesFromEnvironment } from '../../workers/dependencies.ts';
import { placeOfRun } from '../observe/find-report.ts';
import { stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

interface AskedPart {
  readonly pipeline: string;
  readonly run: string;
  /** Sent along with the part: the worker looks for the run where it says. */
  readonly definition?: PipelineDefinition | undefined;
  readonly table?: string | undefined;
  readonly segments: readonly number[];
}

/** Not worth more of a person's time: the worker tells the same, if later. */
const LOOK_MS = 5000;

/**
 * Refuses a table or segments that the run does not have, with the list of what there is. Where the run cannot be
 * looked at from here (another machine's configuration, no credentials) the worker has the word.
 * @throws CommandError
 */
export async function refuseUnknownPart(
  client: Client,
  parent: string,
  asked: AskedPart,
  config: string | undefined,
): Promise<void> {
  const seen = await lookAt(client, parent, asked, config).catch(() => undefined);
  if (seen === undefined) return;
  const { pipeline, run, table, segments, definition } = asked;
  const refuse = (what: string) =>
    new CommandError(ExitCode.usage, `Run ${run} of pipeline ${pipeline} ${what}`);
  if (seen.segments === undefined) {
    // What this machine's configuration says need not be what the worker's says.
    if (definition === undefined) return;
    throw refuse(`does not exist in ${seen.place}. List them: ${TRIBUTARY} runs`);
  }
  const beyond = segments.filter((segment) => segment >= seen.segments!);
  if (beyond.length > 0)
    throw refuse(`has no segment ${beyond.join(', ')}. It has ${seen.segments}: 0 to ${seen.segments - 1}.`);
  if (table === undefined) return;
  if (seen.tables === undefined)
    throw refuse('is not sealed, so it has no tables yet: go on with it --from seal.');
  if (!seen.tables.includes(table)) {
    throw refuse(
      `has no table ${table}${didYouMean(table, seen.tables)}. It has: ${seen.tables.join(', ')}.`,
    );
  }
}

interface Seen {
  readonly place: string;
  /** Undefined where there is no such run. */
  readonly segments: number | undefined;
  /** Undefined where it is not sealed. */
  readonly tables: readonly string[] | undefined;
}

async function lookAt(
  client: Client,
  parent: string,
  { pipeline, run, definition, table }: AskedPart,
  config: string | undefined,
): Promise<Seen | undefined> {
  useLocalStack(stackInUse(config));
  const ref: RunRef = definition
    ? { pipeline, run, bucket: definition.staging.bucket, prefix: definition.staging.prefix }
    : await placeOfRun(client, { workflowId: parent, pipeline, run }, config);
  const store = dependenciesFromEnvironment(process.env, config).store(ref.bucket);
  const signal = AbortSignal.timeout(LOOK_MS);
  const plan = await findPlan(store, ref, signal);
  const manifest = table === undefined ? undefined : await findManifest(store, ref, signal);
  return {
    place: `s3://${ref.bucket}/${ref.prefix}`,
    segments: plan?.segments,
    tables: manifest?.tables.map(({ name }) => name),
  };
}
