import { tablePath } from '../../pipeline/loader/loader-directory.ts';
import { watchedText } from '../../pipeline/loader/watched.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { stopped } from '../temporal/stop-workflow.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { chosenLoaders, loadersHere, namesOf, sourcesOf, tablesOf } from './loaders-here.ts';
import { namedOrAll, type StartLoadersOptions } from './start-loaders.ts';

/**
 * Cancels what watches for these loaders and then what loads, and waits until both have ended: the watchers first, because
 * they start a loader for which files wait.
 * @throws CommandError if loaders that are to run share the queue, the prefix or the table with one that is to stop
 */
export async function stopLoaders(names: readonly string[], options: StartLoadersOptions): Promise<ExitCode> {
  const { config } = options;
  const all = await loadersHere(config);
  const chosen = namedOrAll(chosenLoaders(all, names, config), names, options);
  const tables = tablesOf(all, chosen);
  const sources = sourcesOf(all, chosen);
  const shared = [...tables, ...sources]
    .flatMap(({ loaders }) => loaders.map(({ name }) => name))
    .filter((name) => !chosen.includes(name));
  if (shared.length > 0) {
    const others = [...new Set(shared)];
    throw new CommandError(
      ExitCode.usage,
      `${others.join(', ')} share${others.length === 1 ? 's' : ''} the queue, the prefix or the table with ${chosen.join(', ')}. ` +
        `Stop them together: ${TRIBUTARY} loader stop ${[...chosen, ...others].join(' ')}${WITH_CONFIG}, or pause only ` +
        `one table: ${TRIBUTARY} loader pause ${chosen[0]}${WITH_CONFIG}`,
    );
  }
  return withTemporal(config, async (client) => {
    const interrupt = onInterrupt();
    try {
      for (const { watched, workflowId } of sources)
        say(await stopped(client, workflowId, interrupt), `watching ${watchedText(watched)}`);
      for (const table of tables) {
        const what = `loading ${namesOf(table)} into ${tablePath(table.table)}`;
        say(await stopped(client, table.workflowId, interrupt), what);
      }
    } finally {
      interrupt.release();
    }
    process.stdout.write(
      'Nothing is lost: what was announced waits in the queue, what was received waits in S3, and a batch is loaded whole ' +
        `or not at all. Continue: ${TRIBUTARY} loader start ${chosen.join(' ')}${WITH_CONFIG}\n`,
    );
    return ExitCode.done;
  });
}

const say = (ran: boolean, what: string) =>
  process.stdout.write(`${ran ? 'stopped' : 'not running'}: ${what}\n`);
