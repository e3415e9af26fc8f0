import { Terminal } from '../../clients/errors.ts';
import type { Source } from '../../clients/source.ts';
import type { TableDescription } from '../../clients/table-source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { PlannedExport } from '../../pipeline/export/export-manifest.ts';
import { findExport } from '../../store/sources/find-export.ts';
import { sourceOf } from '../../store/sources/source-of.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

type Definition = Pick<PipelineDefinition, 'source'>;

/** What is planned by. Of an export, the counts are exact. */
export interface SourceDescription extends TableDescription {
  readonly export?: PlannedExport;
}

export interface FoundSource {
  readonly described: SourceDescription;
  readonly source: Source;
}

/**
 * What a pipeline reads: its table, or an export of it whose manifests agree with its files.
 * @param requested the ARN of an export that a run asked for, instead of the one that `source.export` names
 * @throws Terminal `TableNotFound`, `TableNotReadable`, and the codes of exports; Transient `TableNotReady`
 */
export async function findSource(
  deps: Pick<Dependencies, 'source' | 'store'>,
  definition: Definition,
  signal: AbortSignal,
  requested?: string,
): Promise<FoundSource> {
  const described: SourceDescription =
    definition.source.kind === 'dynamodb'
      ? await deps.source.describe(definition.source.table, { signal })
      : await describeExport(deps, definition, signal, requested);
  return { described, source: sourceOf(deps, { definition, source: described }) };
}

async function describeExport(
  deps: Pick<Dependencies, 'source' | 'store'>,
  { source }: Definition,
  signal: AbortSignal,
  requested: string | undefined,
): Promise<SourceDescription> {
  const { table, prefix, export: named = 'latest' } = source;
  const store = deps.store(source.bucket as string);
  const found = await findExport(store, { table, prefix, export: requested ?? named }, signal);
  const { planned } = found;
  const { key, tableName } =
    source.key === undefined
      ? await keyOfTable(deps, table, planned, signal)
      : { key: source.key, tableName: table.slice(table.lastIndexOf('/') + 1) };
  return {
    ...{ tableName, key, tableId: planned.tableId, export: planned },
    ...{ approximateItems: found.items, approximateBytes: found.bytes },
  };
}

/** An export does not say what its table's key is. */
async function keyOfTable(
  deps: Pick<Dependencies, 'source'>,
  table: string,
  { tableId, arn }: PlannedExport,
  signal: AbortSignal,
): Promise<TableDescription> {
  const setKey = 'Set source.key to the key of the exported table.';
  let described: TableDescription;
  try {
    described = await deps.source.describe(table, { signal });
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    throw new Terminal(error.code, `${error.message} An export does not name its table’s key. ${setKey}`, {
      cause: error,
    });
  }
  if (described.tableId === undefined || described.tableId === tableId) return described;
  throw new Terminal(
    'ExportNotReadable',
    `The export ${arn} is one of the table ${table} that had the id ${tableId}; the table now has the id ${described.tableId}, ` +
      `so it was deleted and recreated, and may have another key. ${setKey}`,
  );
}
