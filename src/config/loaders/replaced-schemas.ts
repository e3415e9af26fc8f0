import { z } from 'zod';
import { WAREHOUSE } from '../../pipeline/definition/destination.ts';
import type { ConfigProblem } from '../config-error.ts';
import { isPattern, PLACEHOLDER } from '../table-patterns.ts';
import { writtenDestinations } from '../written-destinations.ts';

/** A schema that a pipeline replaces, or the template of those that a pattern's pipelines replace. */
export interface ReplacedSchema {
  readonly pipeline: string;
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly database: string;
  /** May have `{match}` and `{table}` in it. */
  readonly schema: string;
}

/** A table that something else than a pipeline writes. */
interface OwnTable {
  readonly target:
    | {
        readonly workgroup?: string | undefined;
        readonly cluster?: string | undefined;
        readonly database: string;
        readonly schema: string;
      }
    | undefined;
  /** At the setting of its schema. */
  readonly problem: (message: string) => ConfigProblem;
}

/** Tables that are in a schema that a pipeline replaces, or in one of its staging schemas and backups. */
export function replacedSchemas(
  tables: readonly OwnTable[],
  replaced: readonly ReplacedSchema[],
): ConfigProblem[] {
  return tables.flatMap(({ target, problem }) => {
    if (target === undefined) return [];
    const owner = replaced.find(
      ({ workgroup, cluster, database, schema }) =>
        workgroup === target.workgroup &&
        cluster === target.cluster &&
        database === target.database &&
        namesOf(schema).test(target.schema),
    );
    if (owner === undefined) return [];
    const may = PLACEHOLDER.test(owner.schema);
    return [
      problem(
        `a schema that no pipeline replaces, got ${target.schema}: ${owner.pipeline} ${may ? `may replace it (${owner.schema})` : `replaces ${owner.schema}, with all tables in it`}`,
      ),
    ];
  });
}

/** The names of a live schema, its staging schemas and its backups: see staging.ts. */
function namesOf(schema: string): RegExp {
  const parts = schema
    .split(new RegExp(PLACEHOLDER.source))
    .map((part) => RegExp.escape(part.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')));
  return new RegExp(`^${parts.join('.+')}(?:__.*)?$`);
}

const Family = z.object({ name: z.string().optional(), source: z.object({ table: z.string() }) });

/** A pattern without a template for its schemas has that of its names. */
export const schemasOfPipelines = (pipelines: Readonly<Record<string, unknown>>): ReplacedSchema[] =>
  writtenDestinations(pipelines).flatMap(({ pipeline, name, label, kind, ...warehouse }) => {
    const { data } = Family.safeParse(pipelines[pipeline]);
    if (data === undefined || kind !== 'redshift' || warehouse.database === undefined) return [];
    const family = data.name ?? `${pipeline}-{match}`;
    const template = name === WAREHOUSE ? family : `${family}_${name}`;
    const {
      workgroup,
      cluster,
      database,
      schema = isPattern(data.source.table) ? template : undefined,
    } = warehouse;
    return schema === undefined ? [] : [{ pipeline: label, workgroup, cluster, database, schema }];
  });
