import { Command, Option } from 'commander';
import type { DoctorOptions } from '../maintenance/doctor.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readSeconds } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} doctor                 check everything in the file
  $ ${TRIBUTARY} doctor --pipeline nobel
  $ ${TRIBUTARY} doctor --dataset access_records
  $ ${TRIBUTARY} doctor --problems      show only problems
  $ ${TRIBUTARY} doctor --fix           remove leftovers, after asking
  $ ${TRIBUTARY} doctor --json | jq '.checks[] | select(.state == "problem")'

Problems are listed first, each once, with the pipelines, loaders and datasets that have it.

The command itself checks the configuration, Temporal and the workers. A worker then checks
the rest with its own identity. For a pipeline: DynamoDB, S3 and Redshift, with reads, writes,
conditional puts, COPY, clocks, the live schema, and leftovers. For a loader: the files, their
queue, staging, the table and COPY. For a dataset: the files, their queue, the store, its code,
DuckDB, and its table in Glue. It writes small probes and removes them again. If no worker
answers in time (--timeout), that is reported as a problem.

--fix removes staging schemas that no run needs, surplus backups, and uploads that were never
completed. A run that can be continued needs its staging schema. Each leftover is checked again before it is removed.

With --json the last line of stdout is
  {"ok","checks":[{"pipeline","area","what","state","found","whatToDo"}],
   "leftovers":[…],"removed":[…],"kept":[…]}
where a check of a loader or dataset has that instead of the pipeline, and state is ok, warning, problem or unknown (could not be checked; nothing depends on it).

Exit codes: 0 no problems (warnings do not count), 1 at least one problem, 130 interrupted.
`;

/** `tributary doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check everything that a run needs, and show how to fix each problem')
    .option('--pipeline <name>', 'check only this pipeline')
    .option('--loader <name>', 'check only this loader')
    .option('--dataset <name>', 'check only this dataset')
    .option('--problems', 'show only problems')
    .option('--fix', 'remove leftovers, after asking')
    .addOption(new Option('--yes', 'with --fix: do not ask').implies({ fix: true }))
    .addOption(
      new Option('--timeout <duration>', "how long to wait for a worker's answer, each")
        .argParser(readSeconds)
        .default(120, '2m'),
    )
    .option('--json', 'print the result as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../maintenance/doctor.ts');
      process.exitCode = await doctor(options);
    });
}
