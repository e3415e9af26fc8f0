import type { Layout } from '../../columns/layout.ts';
import { type ColumnsByTable, columnsByTable } from '../../columns/layout-growth.ts';
import type { Observation } from '../../schema/agree.ts';
import type { AgreedSchema } from '../../schema/agreed-schema.ts';
import type { Seen } from '../../seen/seen.ts';
import type { Plan } from '../plan.ts';

/** Columns that are kept whatever they hold: those of the plan, of part files, and of the agreed schema. */
export function columnsHeld(
  plan: Plan,
  layouts: Iterable<Layout>,
  agreed: AgreedSchema | undefined,
): ColumnsByTable {
  const known = agreed?.tables.map(({ path, columns }) => ({ table: path, columns })) ?? [];
  return columnsByTable([...known, ...plan.layouts, ...layouts]);
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
