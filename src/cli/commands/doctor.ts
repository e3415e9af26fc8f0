import { Command, Option } from 'commander';
import type { DoctorOptions } from '../maintenance/doctor.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readLimit } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} doctor                 everything, of every pipeline in the file
  $ ${TRIBUTARY} doctor --pipeline nobel
  $ ${TRIBUTARY} doctor --fix           remove what is left behind, after asking
  $ ${TRIBUTARY} doctor --json | jq '.checks[] | select(.state == "problem")'

Checks the configuration, Temporal, the workers, and, by a worker and with its identity,
DynamoDB, S3 and Redshift: reading, writing, conditional puts, COPY, clocks, the live schema,
and what is left behind. It writes small probes and removes them again. What can be checked
from here is told first; where no worker answers in time (--timeout) the rest is unknown, and
that is a problem.

--fix removes staging schemas that no open workflow needs, backups beyond those to keep, and
uploads that were never completed. Each is looked at again before it goes.

With --json the last line of stdout is
  {"ok","checks":[{"pipeline","area","what","state","found","whatToDo"}],
   "leftovers":[…],"removed":[…],"kept":[…]}
where state is ok, warning, problem or unknown (could not be asked; nothing depends on it).

Exit codes: 0 no problem, 1 a problem; warnings are no problem. 130 interrupted.
`;

/** `tributary doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check all that a run needs, and say what to do')
    .option('--pipeline <name>', 'only this pipeline')
    .option('--fix', 'remove what is left behind, after asking')
    .addOption(new Option('--yes', 'with --fix: do not ask').implies({ fix: true }))
    .addOption(
      new Option('--timeout <seconds>', 'longest to wait for a worker that looks at a pipeline')
        .argParser(readLimit)
        .default(120),
    )
    .option('--json', 'print it as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../maintenance/doctor.ts');
      process.exitCode = await doctor(options);
    });
}
