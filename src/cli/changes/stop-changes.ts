import { withTemporal } from '../temporal/command-context.ts';
import { stopped } from '../temporal/stop-workflow.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { type ChangesOptions, keptFor, onePipeline } from './changes-here.ts';

/** Cancels what applies changes and, unless a destination is named, what reads them; waits until all have ended. */
export async function stopChanges(name: string, options: ChangesOptions): Promise<ExitCode> {
  const { table, kind, workflowId, destinations } = await onePipeline(name, options);
  const isWhole = options.destination === undefined;
  return withTemporal(options.config, async (client) => {
    const interrupt = onInterrupt();
    try {
      for (const destination of destinations)
        say(
          await stopped(client, destination.workflowId, interrupt),
          `applying changes of ${table} to ${destination.name}`,
        );
      if (isWhole) say(await stopped(client, workflowId, interrupt), `reading changes of ${table}`);
    } finally {
      interrupt.release();
    }
    const again = `${TRIBUTARY} changes start ${name}${WITH_CONFIG}`;
    process.stdout.write(
      isWhole
        ? `Changes are not read now. ${keptFor(kind)} Start it again: ${again}\n`
        : `Its changes wait in the log, which keeps them. Continue: ${again}\n`,
    );
    return ExitCode.done;
  });
}

const say = (ran: boolean, what: string) =>
  process.stdout.write(`${ran ? 'stopped' : 'not running'}: ${what}\n`);
