import { bypassingSlots, type Warehouse } from '../../clients/warehouse.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import {
  blockersOf,
  blockersQuery,
  blockerText,
  runningOf,
  runningQuery,
  terminateSql,
} from '../../pipeline/sql/blockers.ts';
import type { ResultRow } from '../../pipeline/sql/rows.ts';
import { asSentence, onOneLine } from '../../pipeline/text/sentences.ts';
import { randomToken } from './random-token.ts';
import { untilEnded } from './until-ended.ts';

/** How long to wait for the answer. The check of the blocked statement's time limit is delayed as long. */
const ASK_SECONDS = 15;

/**
 * What blocks the statement of a Redshift process, as a sentence; undefined if nothing that this user may see. A
 * question about a statement must never make it fail or outlive its limit: a failed question is answered with its error.
 * @param terminate users whose blocking sessions are ended
 * @throws the signal's reason alone
 */
export async function whoBlocks(
  database: Warehouse,
  pid: number,
  terminate: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(ASK_SECONDS * 1000);
  const limited = AbortSignal.any([signal, limit]);
  try {
    // Once aborted, the query's own statement is cancelled without waiting for that.
    return await Promise.race([inspect(database, pid, terminate, limited), untilAborted(limited)]);
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${ASK_SECONDS} s.` : messageOf(error);
    return `Could not find out what blocks it: ${asSentence(onOneLine(why))}`;
  }
}

async function inspect(database: Warehouse, pid: number, terminate: readonly string[], signal: AbortSignal) {
  const blockers = blockersOf(await ask(database, 'blockers', blockersQuery(pid), signal));
  if (blockers.length === 0) return undefined;
  const pids = blockers.map((blocker) => blocker.pid);
  const running = runningOf(await ask(database, 'blockers run', runningQuery(pids), signal));
  const text = blockers.map((blocker) => blockerText(blocker, running.get(blocker.pid))).join('; ');
  const sentences = [`Blocked by ${text}.`];
  for (const blocker of blockers) {
    if (!terminate.includes(blocker.user)) continue;
    const ended = await ask(database, 'terminate', terminateSql(blocker.pid), signal).then(
      () => `Terminated pid ${blocker.pid} of ${blocker.user}, as terminateBlockers allows.`,
      (error: unknown) => `Could not terminate pid ${blocker.pid} of ${blocker.user}: ${messageOf(error)}`,
    );
    sentences.push(ended);
  }
  return sentences.join(' ');
}

/**
 * Runs one query. If it waited for a slot while blocked statements held all of them, no time limit would be enforced;
 * and nothing asks what blocks it in turn.
 */
async function ask(
  database: Warehouse,
  what: string,
  sql: string,
  signal: AbortSignal,
): Promise<readonly ResultRow[]> {
  const unslotted = bypassingSlots(database);
  const name = `tributary ${what}`;
  const id = await unslotted.submit([sql], { name, clientToken: randomToken() });
  const ended = await untilEnded(
    unslotted,
    { id, name },
    { timeLimitSeconds: 2 * ASK_SECONDS, whoBlocks: unasked },
    signal,
  );
  if (ended.status === 'FINISHED') return unslotted.rows(id, 1, { signal });
  throw new Error(ended.status === 'TIMED_OUT' ? `${name} did not end` : ended.error);
}

const unasked = async () => undefined;

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
