import { type Join, joinOf } from '../columns/join.ts';
import { originText, withLevels } from '../columns/origin.ts';
import { typeSql } from '../columns/redshift-type.ts';
import { descriptionAt } from '../definition/descriptions.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { withoutAspect } from '../item/path.ts';
import { valueFacts } from '../mapping/suggest/value-facts.ts';
import type { Manifest, ManifestColumn, ManifestTable } from '../run/manifest.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import { diffLines, diffSchemas } from '../schema/drift.ts';
import { RUN_COLUMNS } from '../sql/run-columns.ts';
import { RUN_COLUMN_TEXTS, rowOf } from '../staging/comments.ts';
import { agreedTables } from './agreed-tables.ts';

/** A pipeline's live schema, described for its readers: what the catalogue page and dbt's sources show. */

export interface DocumentedSchema {
  readonly pipeline: string;
  /** The DynamoDB table. */
  readonly source: string;
  readonly database: string;
  readonly schema: string;
  /** The workgroup or cluster. */
  readonly where: string;
  readonly description: string | undefined;
  /** The run whose data is live, as far as it is known. Undefined if none is. */
  readonly run: { readonly name: string; readonly extractedFrom: string; readonly items: number } | undefined;
  readonly revision: number;
  readonly tables: readonly DocumentedTable[];
  /** Revisions of the agreed schema, the newest first. */
  readonly history: readonly SchemaRevision[];
}

export interface DocumentedTable {
  readonly name: string;
  readonly path: string;
  /** `one row per member of prizes` */
  readonly rowOf: string;
  readonly description: string | undefined;
  /** Undefined if no run is live. */
  readonly rows: number | undefined;
  readonly join: Join | undefined;
  /** Names of columns; undefined means AUTO. */
  readonly distKey: string | undefined;
  readonly sortKey: readonly string[] | undefined;
  readonly columns: readonly DocumentedColumn[];
}

export interface DocumentedColumn {
  readonly name: string;
  readonly type: string;
  /** `run`: one of the run columns. */
  readonly role: ManifestColumn['role'] | 'run';
  /** What it holds, in terms of the item. */
  readonly origin: string;
  readonly kinds: readonly string[];
  /** What the mapping does to its values, e.g. `hashed`. Empty for most. */
  readonly facts: readonly string[];
  /** Cells that are not NULL. Undefined if no run is live. */
  readonly values: number | undefined;
  readonly description: string | undefined;
  readonly notNull: boolean;
}

interface SchemaRevision {
  readonly revision: number;
  readonly changedAt: string;
  readonly changedBy: string;
  /** Empty for the first one. */
  readonly changes: readonly string[];
}

export interface DocumentedInput {
  readonly pipeline: string;
  readonly definition: PipelineDefinition;
  readonly agreed: AgreedSchema;
  /** Of the live run. */
  readonly manifest: Manifest | undefined;
  /** Of the agreed schema, the oldest first. */
  readonly revisions: readonly AgreedSchema[];
}

export function documentedSchema(input: DocumentedInput): DocumentedSchema {
  const { pipeline, definition, agreed, manifest, revisions } = input;
  const { warehouse, descriptions, source } = definition;
  const tables = manifest?.tables ?? agreedTables(agreed, definition.mapping);
  const known = valueFacts(definition.mapping);
  const factsOf = ({ role, path, form }: ManifestColumn) =>
    role === 'value' && form !== undefined ? known({ path, form }) : [];
  const keyNames = agreed.key.map(({ columnName }) => columnName);
  return {
    pipeline,
    source: source.table,
    database: warehouse.database,
    schema: warehouse.schema,
    where: warehouse.workgroup ?? warehouse.cluster ?? '',
    description: descriptions?.schema,
    run: manifest && {
      name: manifest.run,
      extractedFrom: manifest.extractedFrom,
      items: manifest.items,
    },
    revision: agreed.revision,
    tables: tables.map(
      (table): DocumentedTable => ({
        name: table.name,
        path: table.path,
        rowOf: rowOf(table.path),
        description: descriptionAt(descriptions?.tables, table.path),
        rows: manifest === undefined ? undefined : table.rows,
        join: joinOf(table.path, tables, keyNames),
        distKey: table.distKey,
        sortKey: table.sortKey,
        columns: [
          ...withLevels(table.columns).map(({ column, level }) =>
            documentedColumn(table.path, column, level, factsOf(column), input),
          ),
          ...(warehouse.runColumns ? runColumns(table, manifest !== undefined) : []),
        ],
      }),
    ),
    history: revisions
      .map((revision, i) => ({
        revision: revision.revision,
        changedAt: revision.changedAt,
        changedBy: revision.changedBy,
        changes: i === 0 ? [] : diffLines(diffSchemas(revisions[i - 1], revision)),
      }))
      .toReversed(),
  };
}

function documentedColumn(
  table: string,
  column: ManifestColumn,
  level: number,
  facts: readonly string[],
  { manifest, definition }: DocumentedInput,
): DocumentedColumn {
  const { name, type, role, path, kinds = [], values, notNull } = column;
  return {
    name,
    type: typeSql(type),
    role,
    origin: originText(table, column, level),
    kinds,
    facts,
    values: manifest === undefined ? undefined : values,
    description:
      role === 'position' ? undefined : descriptionAt(definition.descriptions?.columns, withoutAspect(path)),
    notNull,
  };
}

function runColumns({ columns, rows }: ManifestTable, isLive: boolean): DocumentedColumn[] {
  return RUN_COLUMNS.filter((name) => columns.every((column) => column.name !== name)).map((name) => ({
    name,
    type: name === RUN_COLUMNS[0] ? 'VARCHAR(256)' : 'TIMESTAMPTZ',
    role: 'run',
    origin: 'the run',
    kinds: [],
    facts: [],
    values: isLive ? rows : undefined,
    description: RUN_COLUMN_TEXTS[name],
    notNull: true,
  }));
}
