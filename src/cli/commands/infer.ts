import { Command, InvalidArgumentError, Option } from 'commander';
import { shareOf } from '../../pipeline/seen/share.ts';
import type { InferOptions } from '../runs/start-inference.ts';
import { EXIT_CODES_HELP } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readSegments } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} infer nobel --wait              look at the whole table
  $ ${TRIBUTARY} infer nobel --agree --wait      also agree on the schema found
  $ ${TRIBUTARY} infer nobel --sample 5% --wait  read a twentieth of every segment
  $ ${TRIBUTARY} infer nobel --examples off      keep values out of the statistics
  $ ${TRIBUTARY} schema show nobel               show the agreed schema

Without --config, the worker looks up the pipeline in its own configuration.

With --json the last line of stdout is the result:
  {"inference","items","rejects","readUnits","agreed","reason",
   "drift":{"revision","newTables","newColumns","widened","retyped",
     "renamed","gone","newlyGone","flagged"},
   "dictionaries":[{"path","names","tables"}],"report","seconds"}
A dictionary also has "atLeast":true if not all of its names were counted, and
"inside":true if redactValues hides the rest of its path.
Without --wait: {"inference","status":"started"}
`;

/** `tributary infer <pipeline>` */
export function inferCommand(): Command {
  return new Command('infer')
    .description('inspect a table without copying anything, and agree on its schema if asked to')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--sample <share>', 'share of the table to read, e.g. 5%; default: all of it', readSample)
    .option('--segments <n>', 'number of segments; default: as configured', readSegments)
    .addOption(
      new Option('--examples <on|off>', 'off: write no values into the statistics')
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--agree', 'agree on the schema found; without it, the inference only looks')
    .addOption(
      new Option('--accept-drift', 'agree even if onDrift says stop; implies --agree').implies({
        agree: true,
      }),
    )
    .option('--wait', 'watch until the inference has ended')
    .option('--json', 'end with the result as one line of JSON; progress goes to stderr')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples + EXIT_CODES_HELP)
    .action(async (pipeline: string, options: InferOptions) => {
      const { startInference } = await import('../runs/start-inference.ts');
      process.exitCode = await startInference(pipeline, options);
    });
}

function readSample(text: string): string {
  if (shareOf(text) !== undefined) return text;
  throw new InvalidArgumentError('Expected a percentage above 0% and up to 100%, e.g. 5%.');
}
