import { bypassingSlots, type Warehouse } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import {
  blockersOf,
  blockersQuery,
  blockerText,
  runningOf,
  runningQuery,
  terminateSql,
} from '../../pipeline/sql/blockers.ts';
import { query } from './transaction.ts';
import type { StatementWatch } from './until-ended.ts';

/** How long to wait for the answer about blockers. The check of the statement's time limit is delayed as long. */
const ASK_SECONDS = 15;

/**
 * Watches a transaction on staging or live: its phase's time limit, what blocks it, and the termination of blockers
 * whose users the definition lists. What it sees is noted, so that heartbeats show it.
 */
export function watchStatement(options: {
  readonly database: Warehouse;
  readonly warehouse: WarehouseDefinition;
  readonly phase: 'prepare' | 'load' | 'verify' | 'replace';
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}): StatementWatch {
  const { database, warehouse, phase, note, signal } = options;
  const { terminateBlockers } = warehouse;
  // If these queries waited for a slot while blocked statements held all of them, no time limit would be enforced.
  const unslotted = bypassingSlots(database);
  const ask = async (what: string, sql: string, limited: AbortSignal) =>
    (await query(unslotted, `tributary ${what}`, [sql], limited))[0] ?? [];
  const inspect = async (pid: number, limited: AbortSignal) => {
    const blockers = blockersOf(await ask('blockers', blockersQuery(pid), limited));
    if (blockers.length === 0) return undefined;
    const running = runningOf(
      await ask('blockers run', runningQuery(blockers.map((blocker) => blocker.pid)), limited),
    );
    const text = `Blocked by ${blockers.map((blocker) => blockerText(blocker, running.get(blocker.pid))).join('; ')}.`;
    note(text);
    const ends: string[] = [];
    for (const blocker of blockers) {
      if (!terminateBlockers.includes(blocker.user)) continue;
      const ended = await ask('terminate', terminateSql(blocker.pid), limited).then(
        () => `Terminated pid ${blocker.pid} of ${blocker.user}, as terminateBlockers allows.`,
        (error: unknown) => `Could not terminate pid ${blocker.pid} of ${blocker.user}: ${messageOf(error)}`,
      );
      ends.push(ended);
      note([text, ...ends].join(' '));
    }
    return [text, ...ends].join(' ');
  };
  return {
    timeLimitSeconds: warehouse.timeLimits[`${phase}Seconds`],
    setting: `warehouse.timeLimits.${phase}Seconds`,
    // Best effort: a query about a statement must never make it fail or outlive its limit.
    async whoBlocks(pid) {
      const limit = AbortSignal.timeout(ASK_SECONDS * 1000);
      const limited = AbortSignal.any([signal, limit]);
      try {
        // Once aborted, the query's own statement is cancelled without waiting for that.
        return await Promise.race([inspect(pid, limited), untilAborted(limited)]);
      } catch (error) {
        signal.throwIfAborted();
        const why = limit.aborted ? `no answer within ${ASK_SECONDS} s.` : messageOf(error);
        const text = `Could not find out what blocks it: ${why}`;
        note(text);
        return text;
      }
    },
  };
}

const messageOf = (error: unknown) => (Error.isError(error) ? error.message : String(error));

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
