import { Command, Option } from 'commander';
import type { RewindOptions } from '../../changes/order-changes.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption } from '../command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} changes rewind orders --to 2026-11-29T08:00Z --dry-run
  $ ${TRIBUTARY} changes rewind orders --to 2026-11-29T08:00Z --destination team-b

Every item that changed since then gets the rows of its last change that was applied: what was deleted
or altered in the tables by hand is as it was. Readers never see anything older than before, and new
changes are applied meanwhile. What needs more memory than applyBytes is applied in parts.
In the Web UI, send the update rewind to apply/<pipeline>/<destination> with {"to": "2026-11-29T08:00Z"}.

It is refused if the log does not reach back to then or has a gap since, if the destination is paused
or blocked, and while a run is about to replace its tables.

Exit codes: 0 accepted, 1 refused, not running or not answered, 2 no such pipeline or destination.
`;

/** `tributary changes rewind` */
export const rewindCommand = () =>
  new Command('rewind')
    .description('apply again what the log has since a time')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .addOption(new Option('--to <time>', 'in ISO 8601: 2026-11-29T08:00Z').makeOptionMandatory())
    .addOption(new Option('--destination <name>', 'the destination; default: the only one'))
    .option('--dry-run', 'only say how much that is')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (name: string, options: RewindOptions) => {
      const { rewindChanges } = await import('../../changes/order-changes.ts');
      process.exitCode = await rewindChanges(name, options);
    });
