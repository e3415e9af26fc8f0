import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { withTemporal } from '../temporal/command-context.ts';
import { seenWorkflow } from '../temporal/seen-workflow.ts';
import { type LongWorkflow, startedOnce } from '../temporal/started-once.ts';
import { NEEDED_BY_CHANGES, noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import {
  type ChangesOptions,
  type FollowedDestination,
  type FollowedPipeline,
  onePipeline,
} from './changes-here.ts';

/** A worker answers sooner unless it is busy. */
const OPEN_SECONDS = 8;

/** Starts what reads a pipeline's stream, and what applies its changes to the destinations. What runs already is named. */
export async function startChanges(name: string, options: ChangesOptions): Promise<ExitCode> {
  const followed = await onePipeline(name, options);
  return withTemporal(options.config, async (client) => {
    const begun: string[] = [];
    for (const work of [
      reading(followed),
      ...followed.destinations.map((each) => applying(followed, each)),
    ]) {
      const isNew = await startedOnce(client, work);
      process.stdout.write(`${isNew ? 'started' : 'already running'}: ${work.summary}\n`);
      begun.push(work.workflowId);
    }
    const missing = await queuesWithoutWorker(client, Date.now(), NEEDED_BY_CHANGES);
    if (missing.length > 0)
      process.stderr.write(`${paletteFor(process.stderr).yellow(noWorkerNote(missing))}\n`);
    else {
      const failures = await failuresAtOnce(client, begun);
      if (failures.length > 0) throw new CommandError(ExitCode.failed, failures.join('\n'));
    }
    process.stdout.write(`See how it is doing: ${TRIBUTARY} changes status ${name}${WITH_CONFIG}\n`);
    return ExitCode.done;
  });
}

const described = (pipeline: string) => ({
  memo: { pipeline },
  details: `See its state: \`${TRIBUTARY} changes status ${pipeline}\`.`,
});

const reading = ({ pipeline, table, workflowId }: FollowedPipeline): LongWorkflow => ({
  ...{ type: 'followChanges', workflowId, args: { pipeline } },
  ...{ summary: `reading changes of ${table}`, ...described(pipeline) },
});

/** What applies changes to a destination. */
export const applying = (
  { pipeline, table }: Pick<FollowedPipeline, 'pipeline' | 'table'>,
  { name, place, workflowId }: FollowedDestination,
): LongWorkflow => ({
  ...{ type: 'applyChanges', workflowId, args: { pipeline, destination: name } },
  ...{ summary: `applying changes of ${table} to ${name} (${place})`, ...described(pipeline) },
});

/** Why they failed, if they did: a worker whose configuration lacks the pipeline, or a table without a stream, fails at once. */
async function failuresAtOnce(client: Client, workflowIds: readonly string[]): Promise<string[]> {
  const untilMs = Date.now() + OPEN_SECONDS * 1000;
  const failures = await Promise.all(
    workflowIds.map(async (workflowId) => {
      for (;;) {
        const { state, failure, progress } = await seenWorkflow<{ readonly epoch?: string }>(
          client,
          workflowId,
        );
        if (state === 'ended') return failure;
        // What reads the stream knows its epoch once it is open.
        if ((progress !== undefined && progress.epoch !== '') || Date.now() > untilMs) return undefined;
        await setTimeout(100);
      }
    }),
  );
  return [...new Set(failures.flatMap((failure) => failure ?? []))];
}
