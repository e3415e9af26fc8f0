import { Command, Option } from 'commander';
import type { RetryOptions } from '../runs/retry-run.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readSegmentNumber } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --all          all that failed
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --segment 17   one segment
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --table nobel__prizes

Failed segments and tables resume from their last checkpoint. The run keeps the work of all
others, and continues when the retries succeed. A check is read from
the configuration again. In the Web UI, send the update retrySegment, retryTable or retryCheck
instead. An inference ("${TRIBUTARY} infer") is named like a run; it has only segments.

Exit codes: 0 accepted, 1 refused or not answered, 2 no such run, inference or part of it.
`;

/** `tributary retry <run>` */
export function retryCommand(): Command {
  return new Command('retry')
    .description('retry what failed in a waiting run or inference')
    .argument('<run>', 'name or workflow id of a run or inference')
    .option('--segment <n>', 'retry only this segment, by number', readSegmentNumber)
    .addOption(new Option('--table <name>', 'retry only this table').conflicts('segment'))
    .addOption(new Option('--check <name>', 'retry only this check').conflicts(['segment', 'table']))
    .addOption(
      new Option('--all', 'retry everything that failed (the default)').conflicts([
        'segment',
        'table',
        'check',
      ]),
    )
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (run: string, options: RetryOptions) => {
      const { retryRun } = await import('../runs/retry-run.ts');
      process.exitCode = await retryRun(run, options);
    });
}
