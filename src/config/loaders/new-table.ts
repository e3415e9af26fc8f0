import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { columnType } from '../../pipeline/merge/column-type.ts';
import { type TargetProblems, targetProblems } from '../../pipeline/merge/target-problems.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { ConfigProblem } from '../config-error.ts';
import { sameName, type WrittenLoader } from './written-loader.ts';

/** Only the columns of a table that the loader creates are known here. Those of others are checked by its first batch. */
export function newTable({ parts: { target, format, merge }, problem }: WrittenLoader): ConfigProblem[] {
  const { create, columns, schema = '', table = '' } = target ?? {};
  if (create !== true || columns === undefined) return [];
  const names = Object.keys(columns);
  const isKnown = (name: string) => names.some((each) => sameName(each, name));
  const missing = (path: readonly (string | number)[], name: string) =>
    problem(
      path,
      'value',
      `a column of target.columns, got ${JSON.stringify(name)}${didYouMean(name, names)}`,
    );
  const own = format !== undefined && format.kind !== 'parquet' ? (format.columns ?? []) : [];
  const marker = merge?.deletes?.column;
  const unknown = [
    ...own.flatMap((name, i) =>
      isKnown(name) || (marker !== undefined && sameName(name, marker))
        ? []
        : [missing(['format', 'columns', i], name)],
    ),
    ...(merge?.key ?? []).flatMap((name, i) => (isKnown(name) ? [] : [missing(['merge', 'key', i], name)])),
    ...(merge === undefined || isKnown(merge.newest) ? [] : [missing(['merge', 'newest'], merge.newest)]),
    ...names.flatMap((name) =>
      isType(columns[name]!)
        ? []
        : [
            problem(
              ['target', 'columns', name],
              'value',
              `a type of Redshift, got ${JSON.stringify(columns[name])}`,
            ),
          ],
    ),
  ];
  if (unknown.length > 0) return unknown;
  const { refusals } = ofNewTable({ schema, table, columns, merge });
  return refusals.map((refusal) => problem(['target', 'columns'], 'key', `other columns: ${refusal}`));
}

/** What works, but perhaps not as meant: only of a table that the loader creates, because others are not known here. */
export const loaderWarnings = ({ target, merge }: LoaderDefinition): readonly string[] =>
  target.create && target.columns !== undefined
    ? ofNewTable({ ...target, columns: target.columns, merge }).warnings
    : [];

/** @param merge mergeProblems reports a newest column that is in the key */
function ofNewTable(table: {
  readonly schema: string;
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly merge: LoaderDefinition['merge'] | undefined;
}): TargetProblems {
  const { merge } = table;
  const columns = Object.entries(table.columns).map(([name, type]) => ({ name, type: type.toLowerCase() }));
  return targetProblems(
    { schema: table.schema, table: table.table, columns },
    merge && { ...merge, key: merge.key.filter((name) => name !== merge.newest) },
  );
}

const WITHOUT_ORDER = /^(?:geometry|geography|hllsketch)$/i;

function isType(text: string): boolean {
  try {
    return WITHOUT_ORDER.test(text.trim()) || columnType(text).kind !== 'opaque';
  } catch {
    return false;
  }
}
