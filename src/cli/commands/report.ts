import { Command } from 'commander';
import type { ReportOptions } from '../runs/show-report.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} report                                  the newest run, in short
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --open   the page, in your browser
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --html report.html
  $ ${TRIBUTARY} report 20261121t064617z_1f0c22 --json | jq .rejectReasons

A run writes report.json and report.html into its directory when it ends, well or
badly, and when it begins to wait for a person. Of a run that wrote none (it is
running, or was terminated) the report is made of what its directory holds now.

The page is one file: it loads nothing and sends nothing, so it can be mailed or
kept. It names tables, columns and statements, and holds no items.

Reads S3 with your own AWS credentials; Temporal is asked only where the run's
name is not enough. Exit code 2: no such run.
`;

/** `tributary report [<run>]` */
export function reportCommand(): Command {
  return new Command('report')
    .description('tell what came of a run and what it took, as text, JSON or a page')
    .argument('[run]', "a run's name or workflow id; the newest where it is not given")
    .option('--open', 'open the page in the browser')
    .option('--html <file>', 'write the page to this file')
    .option('--json', 'print report.json as one line')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (run: string | undefined, options: ReportOptions) => {
      const { showReport } = await import('../runs/show-report.ts');
      process.exitCode = await showReport(run, options);
    });
}
