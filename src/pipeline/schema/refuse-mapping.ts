import { leadingPaths } from '../columns/layout.ts';
import { type RedshiftType, typeSql } from '../columns/redshift-type.ts';
import { scalarAt } from '../columns/seen-column.ts';
import { typeFromSql } from '../columns/type-text.ts';
import { holds } from '../columns/widen.ts';
import { Refusal } from '../failure/refusal.ts';
import { type Path, tableOf } from '../item/path.ts';
import { type ScalarSeen, type Seen, tableSeen } from '../seen/seen.ts';
import type { AgreedSchema } from './agreed-schema.ts';
import { type NamedBy, nameConflicts } from './schema-names.ts';

/**
 * Refuses names of the mapping that belong to another path. Every other change of the names is applied.
 * @throws Refusal `NameTaken`
 */
export function refuseTakenNames(
  before: AgreedSchema | undefined,
  by: NamedBy & { readonly pipeline: string },
): void {
  const [first, ...others] = nameConflicts(before, by);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (${others.length} more such names)`;
  throw new Refusal(
    'NameTaken',
    `The mapping of pipeline ${by.pipeline} gives ${first.title} the name ${first.name}, but ${first.holder} already ` +
      `has that name${more}. Choose another name, or give ${first.holder} another one in the mapping as well.`,
  );
}

/**
 * Refuses types of the mapping that cannot hold everything seen.
 * @param seen values that the run will read: a sample, or what an earlier run read
 * @param by what saw them, for the message
 * @throws Refusal `TypeTooNarrow`
 */
export function refuseNarrowTypes(
  { mapping, key }: Pick<NamedBy, 'mapping' | 'key'>,
  seen: Seen,
  by: string,
): void {
  for (const [path, { type: text }] of Object.entries(mapping.columns)) {
    const table = tableOf(path);
    const type = text === undefined ? undefined : typeFromSql(text);
    // The types of the key cannot be set.
    if (type === undefined || leadingPaths(table, key).has(path)) continue;
    refuseTooNarrow(path, type, scalarAt(tableSeen(seen, table), path), by);
  }
}

/**
 * Refuses a type of the mapping that cannot hold everything seen.
 * @param by what saw it: a run, or a description
 * @throws Refusal `TypeTooNarrow`
 */
export function refuseTooNarrow(
  path: Path,
  type: RedshiftType,
  seen: ScalarSeen | undefined,
  by: string,
): void {
  if (seen === undefined || holds(type, seen)) return;
  const observed = [
    `kinds ${seen.kinds.join(', ')}`,
    `texts of up to ${seen.maxBytes} bytes`,
    ...(seen.kinds.includes('N')
      ? [`numbers of up to ${seen.maxIntegerDigits} digits before and ${seen.maxScale} after the point`]
      : []),
    ...(seen.textForms.length > 0 ? [`text of the form ${seen.textForms.join(', ')}`] : []),
  ];
  throw new Refusal(
    'TypeTooNarrow',
    `mapping.columns gives ${path} the type ${typeSql(type)}, which cannot hold every value that ${by} read: ` +
      `${observed.join('; ')}. Values are never truncated or rounded, so nothing is replaced. Set a wider type, or ` +
      'remove the type, and start a new run.',
  );
}
