import { Command } from 'commander';
import type { ReportOptions } from '../runs/show-report.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} report                                  summary of the newest run
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --open   the page, in your browser
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --html report.html
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --json | jq .rejectReasons

A run writes report.json and report.html into its directory when it ends, whether it
succeeded or failed, and when it starts to wait for an operator. If it has not written
a report (it is running, or was terminated), the report is built from what its
directory holds now.

The page is one file. It loads nothing and sends nothing, so it can be mailed or
archived. It names tables, columns and statements, and contains no items.

Reads S3 with your own AWS credentials. Asks Temporal only if the name of the run is
not enough.

Exit codes: 0 done, 2 there is no such run.
`;

/** `tributary report [<run>]` */
export function reportCommand(): Command {
  return new Command('report')
    .description('show the result of a run and the time it took, as text, JSON or a page')
    .argument('[run]', 'name or workflow id of a run; default: the newest')
    .option('--open', 'open the page in a browser')
    .option('--html <file>', 'write the page to this file')
    .option('--json', 'print report.json as one line')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (run: string | undefined, options: ReportOptions) => {
      const { showReport } = await import('../runs/show-report.ts');
      process.exitCode = await showReport(run, options);
    });
}
