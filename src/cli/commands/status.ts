import { Command } from 'commander';
import type { RunsOptions } from '../runs/list-runs.ts';
import type { StatusOptions } from '../runs/show-status.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readLimit } from './command-options.ts';
import { pruneCommand } from './prune.ts';

const statusExamples = `
Examples:
  $ ${TRIBUTARY} status                       the newest run, and earlier ones
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22 --wait   watch one until it ends
  $ ${TRIBUTARY} status 20261121t064617z_1f0c22 --json | jq .state

To see an inference ("${TRIBUTARY} infer"), give its name.

Exit codes: 0 running or done, 1 failed, cancelled, terminated or timed out,
2 no such run or inference, 3 waiting for an operator. With --wait: as for
"${TRIBUTARY} run --wait".
`;

/** `tributary status [<run>]` */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the state of a run: phases, segments, failures and what to do next')
    .argument('[run]', 'name or workflow id of a run or inference; default: the newest run')
    .option('--limit <n>', 'without a run: number of runs to show', readLimit)
    .option('--wait', 'watch until the run has ended')
    .option('--json', 'print the state as one line of JSON')
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

Shows the newest runs, 20 unless --limit sets another number, each with its phase, its
items and what failed. Temporal's list may lag by a second or two. With --json each run
is one line:
  {"run","pipeline","workflowId","state","startedAt","seconds","summary",
   "phase","items","rejects","failed":["segment 3: …"]}
The last four are null or empty where they are not known, as after the newest 100 runs.
"undecodable" says why, if this machine cannot decode what Temporal stores;
and "rolledBackTo", the run that a rollback restored in its place.
`;

/** `tributary runs` */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list the newest runs')
    .option('--pipeline <name>', 'show only the runs of this pipeline')
    .option('--limit <n>', 'number of runs to show', readLimit)
    .option('--json', 'print one line of JSON per run')
    .addOption(configOption())
    .addHelpText('after', runsExamples)
    .action(async (options: RunsOptions) => {
      const { listRuns } = await import('../runs/list-runs.ts');
      process.exitCode = await listRuns(options);
    })
    .addCommand(pruneCommand());
}
