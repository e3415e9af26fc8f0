import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { exportIdIn, exportsFolder, summaryKey, withSlash } from '../../pipeline/export/export-keys.ts';
import type { FullSummary, PlannedExport } from '../../pipeline/export/export-manifest.ts';
import { readFiles, readSummary, refuseOtherFiles } from './export-manifests.ts';

interface WantedExport {
  readonly prefix: string | undefined;
  /** An id, an ARN, or `latest`. */
  readonly export: string;
  /** Name or ARN. */
  readonly table: string;
}

interface FoundExport {
  readonly planned: PlannedExport;
  readonly items: number;
  readonly bytes: number;
}

/**
 * The full export that a pipeline reads, once its manifests are found to agree with its files.
 * @param store of the export's bucket
 * @throws Terminal `ExportNotFound`, `ExportIncomplete`, `ExportDamaged`, `ExportNotReadable`
 */
export async function findExport(
  store: ObjectStore,
  wanted: WantedExport,
  signal: AbortSignal,
): Promise<FoundExport> {
  const prefix = withSlash(wanted.prefix ?? '');
  const { id, summary } =
    wanted.export === 'latest'
      ? await latestOf(store, prefix, wanted.table, signal)
      : await named(store, prefix, wanted, signal);
  const { files, md5 } = await readFiles(store, { prefix, id }, signal);
  await refuseOtherFiles(store, { prefix, id }, { files, items: summary.itemCount }, signal);
  return {
    planned: {
      ...{ bucket: store.bucket, prefix, id, arn: summary.exportArn, time: summary.exportTime },
      ...{ tableId: summary.tableId, filesMd5: md5, files: files.length },
    },
    items: summary.itemCount,
    bytes: summary.billedSizeBytes,
  };
}

interface OneExport {
  readonly id: string;
  readonly summary: FullSummary;
}

async function named(
  store: ObjectStore,
  prefix: string,
  wanted: WantedExport,
  signal: AbortSignal,
): Promise<OneExport> {
  const id = exportIdIn(wanted.export) as string;
  const summary = await readSummary(store, { prefix, id }, signal);
  const refused = (why: string) =>
    new Terminal('ExportNotReadable', `s3://${store.bucket}/${summaryKey({ prefix, id })}: ${why}`);
  if (nameIn(summary.tableArn) !== nameIn(wanted.table)) {
    throw refused(
      `the export is one of table ${nameIn(summary.tableArn)}, not ${nameIn(wanted.table)}. Correct source.export or source.table.`,
    );
  }
  if (summary.exportType !== 'FULL_EXPORT') {
    throw refused('the export is incremental, and a run reads a full one. Name a full export, or latest.');
  }
  refuseOtherFormat(summary, refused);
  return { id, summary };
}

/** The ids sort by the time of their requests. Incomplete exports, and those of other tables, are passed over. */
async function latestOf(
  store: ObjectStore,
  prefix: string,
  table: string,
  signal: AbortSignal,
): Promise<OneExport> {
  const folder = exportsFolder(prefix);
  const ids: string[] = [];
  for await (const { key } of store.list(folder, { delimiter: '/', signal })) {
    const id = exportIdIn(key);
    if (id !== undefined) ids.push(id);
  }
  for (const id of ids.toReversed()) {
    const at = { prefix, id };
    if ((await store.head(summaryKey(at), { signal })) === undefined) continue;
    const summary = await readSummary(store, at, signal);
    if (summary.exportType !== 'FULL_EXPORT' || nameIn(summary.tableArn) !== nameIn(table)) continue;
    refuseOtherFormat(
      summary,
      (why) => new Terminal('ExportNotReadable', `s3://${store.bucket}/${summaryKey(at)}: ${why}`),
    );
    return { id, summary };
  }
  throw new Terminal(
    'ExportNotFound',
    `s3://${store.bucket}/${folder} has no complete full export of table ${nameIn(table)}. Request one in DynamoDB, or set ` +
      'source.request: true; or correct source.bucket and source.prefix.',
  );
}

function refuseOtherFormat({ outputFormat }: FullSummary, refused: (why: string) => Terminal): void {
  if (outputFormat === 'DYNAMODB_JSON') return;
  throw refused(
    `the export has the format ${outputFormat}, which is not read. Request one with the format DYNAMODB_JSON.`,
  );
}

/** The name of a table, from its name or ARN. */
const nameIn = (table: string): string => table.slice(table.lastIndexOf('/') + 1);
