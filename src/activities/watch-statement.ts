import { besideSlots, type Warehouse } from '../clients/warehouse.ts';
import {
  blockersOf,
  blockersQuery,
  blockerText,
  runningOf,
  runningQuery,
  terminateSql,
} from '../pipeline/blockers.ts';
import type { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { query } from './transaction.ts';
import type { StatementWatch } from './until-ended.ts';

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
  const beside = besideSlots(database);
  const ask = async (what: string, sql: string) =>
    (await query(beside, `tributary ${what}`, [sql], signal))[0] ?? [];
  return {
    timeLimitSeconds: warehouse.timeLimits[`${phase}Seconds`],
    setting: `warehouse.timeLimits.${phase}Seconds`,
    async whoBlocks(pid) {
      const blockers = blockersOf(await ask('blockers', blockersQuery(pid)));
      if (blockers.length === 0) return undefined;
      const running = runningOf(
        await ask('blockers run', runningQuery(blockers.map((blocker) => blocker.pid))),
      );
      const text = `Held up by ${blockers.map((blocker) => blockerText(blocker, running.get(blocker.pid))).join('; ')}.`;
      note(text);
      for (const blocker of blockers) {
        if (!terminateBlockers.includes(blocker.user)) continue;
        await ask('terminate', terminateSql(blocker.pid));
        note(`${text} Ended pid ${blocker.pid} of ${blocker.user}, as terminateBlockers says.`);
      }
      return text;
    },
  };
}
