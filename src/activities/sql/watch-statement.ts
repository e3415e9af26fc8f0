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

/** How long an answer about who is in the way is waited for: the time limit it is asked for waits as well. */
const ASK_SECONDS = 15;

/**
 * Watches a transaction on staging or live: how long its phase lets it take, who is in its way, and the
 * end of those in its way whose users the definition names. What it sees is noted, for the heartbeat to show.
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
  // Were they to wait for a slot, and held-up statements had all of them, no time limit would ever be kept.
  const beside = bypassingSlots(database);
  const ask = async (what: string, sql: string, asked: AbortSignal) =>
    (await query(beside, `tributary ${what}`, [sql], asked))[0] ?? [];
  const look = async (pid: number, asked: AbortSignal) => {
    const blockers = blockersOf(await ask('blockers', blockersQuery(pid), asked));
    if (blockers.length === 0) return undefined;
    const running = runningOf(
      await ask('blockers run', runningQuery(blockers.map((blocker) => blocker.pid)), asked),
    );
    const text = `Held up by ${blockers.map((blocker) => blockerText(blocker, running.get(blocker.pid))).join('; ')}.`;
    note(text);
    const ends: string[] = [];
    for (const blocker of blockers) {
      if (!terminateBlockers.includes(blocker.user)) continue;
      const ended = await ask('terminate', terminateSql(blocker.pid), asked).then(
        () => `Ended pid ${blocker.pid} of ${blocker.user}, as terminateBlockers says.`,
        (error: unknown) => `Pid ${blocker.pid} of ${blocker.user} could not be ended: ${messageOf(error)}`,
      );
      ends.push(ended);
      note([text, ...ends].join(' '));
    }
    return [text, ...ends].join(' ');
  };
  return {
    timeLimitSeconds: warehouse.timeLimits[`${phase}Seconds`],
    setting: `warehouse.timeLimits.${phase}Seconds`,
    // Best effort: what is asked about a statement must never be the reason that it fails, or outlives its limit.
    async whoBlocks(pid) {
      const limit = AbortSignal.timeout(ASK_SECONDS * 1000);
      const asked = AbortSignal.any([signal, limit]);
      try {
        // Given up, its own statement is being cancelled: nobody waits for that.
        return await Promise.race([look(pid, asked), untilAborted(asked)]);
      } catch (error) {
        signal.throwIfAborted();
        const why = limit.aborted ? `no answer within ${ASK_SECONDS} s.` : messageOf(error);
        const text = `Who holds it up could not be asked: ${why}`;
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
