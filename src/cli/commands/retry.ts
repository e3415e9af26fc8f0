import { Command, Option } from 'commander';
import type { RetryOptions } from '../runs/retry-run.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readSegmentNumber } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --all          all that failed
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --segment 17   one segment
  $ ${TRIBUTARY} retry 20261121t064617z_1f0c22 --table nobel__prizes

A run never loses what its other segments and tables did: what failed starts again from its last
checkpoint, and the run goes on from there. In the Web UI the same is the update retrySegment or retryTable.
An inference ("${TRIBUTARY} infer") is named like a run, and has segments only.

Exit codes: 0 asked for, 1 refused or not answered, 2 no such run, inference, segment or table.
`;

/** `tributary retry <run>` */
export function retryCommand(): Command {
  return new Command('retry')
    .description('start again what failed in a run or inference that waits')
    .argument('<run>', "a run's or inference's name or workflow id")
    .option('--segment <n>', 'only this segment, by its number', readSegmentNumber)
    .addOption(new Option('--table <name>', 'only this table').conflicts('segment'))
    .addOption(new Option('--all', 'all that failed, as without it').conflicts(['segment', 'table']))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (run: string, options: RetryOptions) => {
      const { retryRun } = await import('../runs/retry-run.ts');
      process.exitCode = await retryRun(run, options);
    });
}
