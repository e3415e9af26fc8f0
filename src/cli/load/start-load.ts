import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type BulkLoadInput, bulkLoadWorkflowId } from '../../contract/loader/bulk-load.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { LoadName } from '../../pipeline/bulk-load/bulk-load.ts';
import { conditionProblem } from '../../pipeline/bulk-load/condition.ts';
import { loadSource } from '../../pipeline/bulk-load/load-source.ts';
import { loadersHere, tableOf } from '../loader/loaders-here.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { newRunName } from '../temporal/run-name.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { watchLoad } from './watch-load.ts';

export interface LoadOptions {
  readonly replace?: string;
  readonly before?: boolean;
  readonly after?: boolean;
  readonly supersede?: readonly number[];
  readonly any?: boolean;
  readonly dryRun?: boolean;
  readonly name?: string;
  /** false: only start it. */
  readonly wait: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts a bulk load and watches it until it ends. */
export async function startLoad(loader: string, from: string, options: LoadOptions): Promise<ExitCode> {
  const { config, json = false, wait, name = newRunName() } = options;
  refuseBadOptions(from, name, options);
  const { table } = tableOf(await loadersHere(config), loader, config);
  const { replace, supersede, any, dryRun } = options;
  const place = options.before ? 'before' : options.after ? 'after' : undefined;
  const input: BulkLoadInput = {
    ...{ loader, from, name },
    ...(replace === undefined ? {} : { replace }),
    ...(place === undefined ? {} : { place }),
    ...(supersede === undefined ? {} : { supersede }),
    ...(any === undefined ? {} : { any }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  return withTemporal(config, async (client, target) => {
    const workflowId = bulkLoadWorkflowId(table, name);
    const isNew = await start(client, workflowId, input);
    const out = json ? process.stderr : process.stdout;
    out.write(`${isNew ? 'Started' : 'Already running:'} load ${name} by ${loader}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${paletteFor(out).cyan(page)}\n`);
    if (wait) return watchLoad(client, workflowId, { loader, json });
    if (json) process.stdout.write(`${JSON.stringify({ name, workflowId, status: 'started' })}\n`);
    return ExitCode.done;
  });
}

/** @returns whether it was started, and did not run already */
async function start(client: Client, workflowId: string, input: BulkLoadInput): Promise<boolean> {
  const { loader, from, replace } = input;
  try {
    await client.workflow.start('bulkLoad', {
      ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [input] },
      memo: { loader, command: TRIBUTARY },
      staticSummary: `${replace === undefined ? 'loads' : 'replaces rows by'} ${from}`.slice(0, 200),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

function refuseBadOptions(from: string, name: string, options: LoadOptions): void {
  const { replace, before, after, supersede } = options;
  if (loadSource(from) === undefined) {
    throw usage(
      `"${from}" is not a prefix or a manifest in S3: expected s3://bucket/prefix, e.g. s3://landing/quakes/day=2026-11-01/`,
    );
  }
  const issue = LoadName.safeParse(name).error?.issues[0];
  if (issue !== undefined) throw usage(`--name: expected ${issue.message}.`);
  const problem = replace === undefined ? undefined : conditionProblem(replace);
  if (problem !== undefined)
    throw usage(`--replace: ${problem}. Expected one condition on columns of the table.`);
  if (before && after) throw usage('--before or --after, not both.');
  if (supersede !== undefined && (replace === undefined || !before))
    throw usage('--supersede only with --replace and --before.');
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
