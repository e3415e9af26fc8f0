import { type WatchDatasetInput, watchDatasetWorkflowId } from '../../contract/datasets/datasets.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { startedOnce } from '../temporal/started-once.ts';
import { stopped } from '../temporal/stop-workflow.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { datasetHere } from './datasets-here.ts';

export interface WatchDatasetOptions {
  readonly stop?: boolean;
  readonly config?: string;
}

/** `tributary dataset watch`: takes files as the queue of the dataset announces them, until it is stopped. */
export async function watchDataset(
  name: string,
  { stop = false, config }: WatchDatasetOptions,
): Promise<ExitCode> {
  const { queue } = (await datasetHere(name, config)).source;
  if (queue === undefined && !stop)
    throw new CommandError(
      ExitCode.usage,
      `Dataset ${name} has no source.queue: no files are announced. A schedule takes them, too; see docs/datasets.md.`,
    );
  const workflowId = watchDatasetWorkflowId(name);
  return withTemporal(config, async (client, target) => {
    const interrupt = onInterrupt();
    try {
      const did = stop
        ? (await stopped(client, workflowId, interrupt))
          ? 'stopped'
          : 'not running'
        : await start();
      process.stdout.write(`${did}: taking files of ${name} on arrival\n`);
      const page = stop ? undefined : workflowPage(target, workflowId);
      if (page !== undefined) process.stdout.write(`  ${page}\n`);
      return ExitCode.done;
    } finally {
      interrupt.release();
    }

    async function start(): Promise<string> {
      const input: WatchDatasetInput = { dataset: name };
      const isStarted = await startedOnce(client, {
        ...{ type: 'watchDataset', workflowId, args: input, memo: { dataset: name } },
        summary: `files of ${name}, on arrival`,
        details: `Takes the files of dataset ${name} as its queue announces them.`,
      });
      return isStarted ? 'started' : 'already running';
    }
  });
}
