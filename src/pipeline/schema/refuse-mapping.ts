import { leadingPaths } from '../columns/layout.ts';
import { columnType, type RedshiftType, typeSql } from '../columns/redshift-type.ts';
import { scalarAt } from '../columns/seen-column.ts';
import { typeFromSql } from '../columns/type-text.ts';
import { holds, widenedType } from '../columns/widen.ts';
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
    seen.kinds.map((kind) => KINDS[kind]).join(', '),
    `up to ${seen.maxBytes} bytes as text`,
    ...(seen.kinds.includes('N')
      ? [`up to ${seen.maxIntegerDigits} digits before and ${seen.maxScale} after the point`]
      : []),
    ...(seen.textForms.length > 0 ? [`text of the form ${seen.textForms.join(', ')}`] : []),
  ];
  const wider = typeSql(widerType(type, seen));
  // Not the whole entry: it may have a name and more, which a pasted one would remove.
  const setting =
    typeFromSql(wider) === undefined
      ? 'Remove the type'
      : `In mapping.columns."${path}", set type: "${wider}", or remove the type`;
  throw new Refusal(
    'TypeTooNarrow',
    `mapping.columns gives ${path} the type ${typeSql(type)}, which cannot hold every value that ${by} read: ` +
      `${observed.join('; ')}. Values are never truncated or rounded, so nothing is replaced. ${setting}.`,
  );
}

/**
 * A type that holds everything seen, close to one that does not: preferably of the same kind, and only VARCHAR if no other
 * does.
 */
function widerType(type: RedshiftType, seen: ScalarSeen): RedshiftType {
  const joined = widenedType(type, seen, seen, 'value');
  const candidates: RedshiftType[] = [
    joined,
    ...(type.type === 'DECIMAL'
      ? [{ type: type.type, precision: 38, scale: Math.max(type.scale, seen.maxScale) }]
      : []),
    columnType(seen, 'value'),
  ];
  return candidates.find((each) => each.type !== 'VARCHAR' && holds(each, seen)) ?? joined;
}

/** DynamoDB's types in words; `JSON` is a value kept whole. */
const KINDS: Readonly<Record<ScalarSeen['kinds'][number], string>> = {
  S: 'text (S)',
  N: 'numbers (N)',
  B: 'bytes (B)',
  BOOL: 'booleans (BOOL)',
  emptyB: 'empty bytes (B)',
  JSON: 'whole values',
};
