import { EXTRACTED_AT_COLUMN } from '../sql/run-columns.ts';
import type { DocumentedColumn, DocumentedSchema, DocumentedTable } from './documented-schema.ts';

/** How old a source may be before `dbt source freshness` warns or fails. */
export interface FreshnessLimits {
  readonly warnAfterSeconds: number;
  readonly errorAfterSeconds: number;
}

/**
 * The contents of dbt's `sources.yml`: one source per live schema. Freshness is checked where the tables have run
 * columns. Settings are under `config`, as dbt 1.10 and later want them.
 * https://docs.getdbt.com/reference/source-properties
 */
export function dbtSources(schemas: readonly DocumentedSchema[], limits: FreshnessLimits) {
  return {
    version: 2,
    sources: schemas.map((schema) => ({
      name: schema.schema,
      database: schema.database,
      schema: schema.schema,
      loader: 'tributary',
      description: withoutJinja(
        [
          ...(schema.description === undefined ? [] : [sentence(schema.description)]),
          `Copy of DynamoDB table ${schema.source}, by Tributary’s pipeline ${schema.pipeline}.`,
        ].join(' '),
      ),
      ...(hasFreshness(schema) ? { config: freshness(limits) } : {}),
      tables: schema.tables.map(dbtTable),
    })),
  };
}

const hasFreshness = ({ tables }: DocumentedSchema) =>
  tables.length > 0 &&
  tables.every(({ columns }) =>
    columns.some(({ role, name }) => role === 'run' && name === EXTRACTED_AT_COLUMN),
  );

const freshness = ({ warnAfterSeconds, errorAfterSeconds }: FreshnessLimits) => ({
  loaded_at_field: EXTRACTED_AT_COLUMN,
  freshness: { warn_after: period(warnAfterSeconds), error_after: period(errorAfterSeconds) },
});

/** dbt counts whole minutes, hours or days. */
function period(seconds: number): { readonly count: number; readonly period: 'day' | 'hour' | 'minute' } {
  if (seconds % 86_400 === 0) return { count: seconds / 86_400, period: 'day' };
  if (seconds % 3600 === 0) return { count: seconds / 3600, period: 'hour' };
  return { count: Math.max(1, Math.ceil(seconds / 60)), period: 'minute' };
}

function dbtTable(table: DocumentedTable) {
  const { name, rowOf, description, join, columns } = table;
  const joined = join === undefined ? '' : ` Join ${join.table} on ${join.on.join(', ')}.`;
  return {
    name,
    description: withoutJinja(
      `${description === undefined ? '' : `${sentence(description)} `}${capital(rowOf)}.${joined}`,
    ),
    columns: columns.map((column) => dbtColumn(table, column)),
  };
}

function dbtColumn(table: DocumentedTable, column: DocumentedColumn) {
  const { name, type, role, origin, kinds, facts, description, notNull } = column;
  const more = [...kinds, ...facts];
  const from =
    role === 'run' ? '' : `DynamoDB: ${origin}${more.length === 0 ? '' : ` (${more.join(', ')})`}.`;
  const tests = [...(notNull ? ['not_null'] : []), ...(isUnique(table, column) ? ['unique'] : [])];
  return {
    name,
    data_type: type.toLowerCase(),
    description: withoutJinja(
      [...(description === undefined ? [] : [sentence(description)]), from].join(' ').trim(),
    ),
    ...(tests.length === 0 ? {} : { data_tests: tests }),
  };
}

/** A column that identifies a row alone: the only one of the key and the positions. */
const isUnique = ({ columns }: DocumentedTable, { role }: DocumentedColumn) =>
  role === 'key' && columns.filter((each) => each.role === 'key' || each.role === 'position').length === 1;

/** dbt renders descriptions with Jinja, and a path may have braces in it. */
const withoutJinja = (text: string) => text.replace(/\{(?=[{%#])/g, "{{ '{' }}");

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
