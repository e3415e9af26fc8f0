import type { SetAsideEntry } from '../changes/set-aside.ts';
import { guard } from '../sql/guard.ts';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
import { MARKER_TABLE, SET_ASIDE_TABLE } from '../sql/system-tables.ts';

/** Keeps each statement below 90 KB: a reason has at most about a hundred bytes, or it is cut. */
export const ENTRIES_AT_ONCE = 200;

/**
 * One transaction that records what a run set aside, before its staging schema has its marker. It can be repeated. Its guard
 * fails once the marker is there: from then on, changes may clear these entries.
 */
export function recordSetAside(schema: string, entries: readonly SetAsideEntry[]): string[] {
  const table = qualified(schema, SET_ASIDE_TABLE);
  const marker = qualified(schema, MARKER_TABLE);
  const values = entries.map(
    ({ keyHash, epoch, shard, checkpoint, reason }) =>
      `(${[...[keyHash, epoch, shard].map(quoteLiteral), checkpoint, quoteLiteral(reason)].join(', ')}, GETDATE())`,
  );
  return [
    `LOCK TABLE ${marker}`,
    guard('count(*) = 0', marker),
    `DELETE FROM ${table} WHERE "key_hash" IN (${entries.map(({ keyHash }) => quoteLiteral(keyHash)).join(', ')})`,
    `INSERT INTO ${table} ("key_hash", "epoch", "shard", "checkpoint", "reason", "recorded_at") VALUES ${values.join(', ')}`,
  ];
}
