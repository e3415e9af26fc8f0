import { withTemporal } from '../temporal/command-context.ts';
import { type Order, sendUpdate } from '../temporal/send-update.ts';
import { NEEDED_BY_LOADERS } from '../temporal/task-queue-pollers.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { loadersHere, tableOf } from './loaders-here.ts';

/** A skip may wait for the batch's files to be entered into the ledger. */
const ANSWER_SECONDS = 60;

/**
 * Sends an order to the loader of a name, waits for its answer, and returns it.
 * @throws CommandError if there is no such loader, it does not run, it refuses, or no worker answers
 */
export async function orderedOf(name: string, order: Order, config: string | undefined): Promise<string> {
  const { workflowId } = tableOf(await loadersHere(config), name, config);
  return withTemporal(config, (client) =>
    sendUpdate(client, workflowId, order, {
      answerSeconds: ANSWER_SECONDS,
      needed: NEEDED_BY_LOADERS,
      unanswered: `It may still be done: see ${TRIBUTARY} loader status ${name}${WITH_CONFIG}`,
      notRunning: `Loader ${name} does not run, so it cannot be asked. Start it: ${TRIBUTARY} loader start ${name}${WITH_CONFIG}`,
    }),
  );
}
