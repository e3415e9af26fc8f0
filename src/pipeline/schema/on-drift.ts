import { z } from 'zod';

/** `onDrift`: what a run does about each kind of change of the agreed schema. */

const Reaction = z.enum(['evolve', 'report', 'stop']);
type Reaction = z.infer<typeof Reaction>;

const reaction = Reaction.default('evolve');

export const OnDrift = z
  .union(
    [
      Reaction,
      z.strictObject({
        newTables: reaction.describe('For new tables, with all their columns.'),
        newColumns: reaction.describe('For new columns of tables that exist.'),
        widerTypes: reaction.describe(
          'For types that hold more: every old value keeps its type, as with BIGINT → DECIMAL or a longer VARCHAR.',
        ),
        typeChanges: reaction.describe('For every other change of a type, such as BIGINT → VARCHAR.'),
        gone: Reaction.default('report').describe(
          'For columns that had values in the run before and have none now. They stay, as NULL.',
        ),
      }),
    ],
    { error: 'evolve, report or stop, or a map of newTables, newColumns, widerTypes, typeChanges and gone' },
  )
  .default('evolve');
export type OnDrift = z.infer<typeof OnDrift>;

/** A kind of change. */
export type DriftKind = 'newTables' | 'newColumns' | 'widerTypes' | 'typeChanges' | 'gone';

/** The reaction to each kind. One word is for all kinds, but `stop` only reports what is gone: its data cannot come back. */
export function reactionsOf(onDrift: OnDrift): Readonly<Record<DriftKind, Reaction>> {
  if (typeof onDrift !== 'string') return onDrift;
  return {
    newTables: onDrift,
    newColumns: onDrift,
    widerTypes: onDrift,
    typeChanges: onDrift,
    gone: onDrift === 'stop' ? 'report' : onDrift,
  };
}
