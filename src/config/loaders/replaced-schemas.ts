import type { ConfigProblem } from '../config-error.ts';
import { PLACEHOLDER } from '../table-patterns.ts';
import type { WrittenLoader } from './written-loader.ts';

/** A schema that a pipeline replaces, or the template of those that a pattern's pipelines replace. */
export interface ReplacedSchema {
  readonly pipeline: string;
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly database: string;
  /** May have `{match}` and `{table}` in it. */
  readonly schema: string;
}

/** Loaders whose table is in a schema that a pipeline replaces, or in one of its staging schemas and backups. */
export function replacedSchemas(
  loaders: readonly WrittenLoader[],
  replaced: readonly ReplacedSchema[],
): ConfigProblem[] {
  return loaders.flatMap(({ parts: { target }, problem }) => {
    if (target === undefined) return [];
    const owner = replaced.find(
      ({ workgroup, cluster, database, schema }) =>
        workgroup === target.workgroup &&
        cluster === target.cluster &&
        database === target.database &&
        schemasOf(schema).test(target.schema),
    );
    if (owner === undefined) return [];
    const may = PLACEHOLDER.test(owner.schema);
    return [
      problem(
        ['target', 'schema'],
        'value',
        `a schema that no pipeline replaces, got ${target.schema}: ${owner.pipeline} ${may ? `may replace it (${owner.schema})` : `replaces ${owner.schema}, with all tables in it`}`,
      ),
    ];
  });
}

/** The names of a live schema, its staging schemas and its backups: see staging.ts. */
function schemasOf(schema: string): RegExp {
  const parts = schema
    .split(new RegExp(PLACEHOLDER.source))
    .map((part) => RegExp.escape(part.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')));
  return new RegExp(`^${parts.join('.+')}(?:__.*)?$`);
}
