import { Command } from 'commander';
import type { RunsOptions } from '../runs/list-runs.ts';
import type { StatusOptions } from '../runs/show-status.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readLimit } from './command-options.ts';
import { pruneCommand } from './prune.ts';

const statusExamples = `
Examples:
  $ ${TRIBUTARY} status                            the newest, and those before
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22    one, by its name or workflow id
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22 --wait        watch it to its end
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22 --json | jq .state

An inference ("${TRIBUTARY} infer") is shown too, where it is named.

Exit codes: 0 running or done, 1 failed, cancelled, terminated or timed out,
2 no such run or inference, 3 waiting for a person. With --wait: as "${TRIBUTARY} run --wait".
`;

/** `tributary status [<run>]` */
export function statusCommand(): Command {
  return new Command('status')
    .description('tell how a run stands: phases, segments, failures and what helps')
    .argument('[run]', "a run's or inference's name or workflow id; the newest run where it is not given")
    .option('--limit <n>', 'without a run: show at most this many', readLimit)
    .option('--wait', 'watch until the run has ended')
    .option('--json', 'print it as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', statusExamples)
    .action(async (run: string | undefined, options: StatusOptions) => {
      const { showStatus } = await import('../runs/show-status.ts');
      process.exitCode = await showStatus(run, options);
    });
}

const runsExamples = `
Examples:
  $ ${TRIBUTARY} runs
  $ ${TRIBUTARY} runs --pipeline nobel --limit 100
  $ ${TRIBUTARY} runs prune nobel --dry-run
  $ ${TRIBUTARY} runs --json | jq -r 'select(.state == "waiting") | .run'

Shows the newest 20, or as many as --limit says. Temporal's list may be a second or two behind.
With --json a line for each:
  {"run","pipeline","workflowId","state","startedAt","seconds","summary"}
`;

/** `tributary runs` */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list the newest runs')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--limit <n>', 'at most this many', readLimit)
    .option('--json', 'print a line of JSON for each')
    .addOption(configOption())
    .addHelpText('after', runsExamples)
    .action(async (options: RunsOptions) => {
      const { listRuns } = await import('../runs/list-runs.ts');
      process.exitCode = await listRuns(options);
    })
    .addCommand(pruneCommand());
}
