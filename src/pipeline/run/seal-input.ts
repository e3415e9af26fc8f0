import type { Column, Layout } from '../columns/layout.ts';
import type { Path } from '../item/path.ts';
import type { Observation } from '../schema/agree.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import type { Seen } from '../seen/seen.ts';
import type { Plan } from './plan.ts';

/** Columns that are kept whatever they hold: those of the plan, of part files, and of the agreed schema. */
export function columnsHeld(
  plan: Plan,
  layouts: Iterable<Layout>,
  agreed: AgreedSchema | undefined,
): Map<Path, Column[]> {
  const held = new Map<Path, Column[]>();
  const hold = (table: Path, columns: readonly Column[]) =>
    held.set(table, [...(held.get(table) ?? []), ...columns]);
  for (const { path, columns } of agreed?.tables ?? []) hold(path, columns);
  for (const { table, columns } of [...plan.layouts, ...layouts]) hold(table, columns);
  return held;
}

/** What a run saw, as its plan's mapping has it. */
export function observationOf(plan: Plan, layouts: Iterable<Layout>, seen: Seen): Observation {
  return {
    pipeline: plan.pipeline,
    by: plan.run,
    at: plan.plannedAt,
    whole: true,
    tableName: plan.source.tableName,
    key: plan.source.key,
    seen,
    layouts,
    mapping: plan.definition.mapping,
  };
}
