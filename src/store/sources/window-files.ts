import type { ObjectStore } from '../../clients/object-store.ts';
import type { ViewType } from '../../pipeline/changes/log-documents.ts';
import { sharedDataFolder, summaryKey } from '../../pipeline/export/export-keys.ts';
import { type LineForm, readExportFile } from './export-file.ts';
import {
  damagedExport,
  type ListedFile,
  readFiles,
  readSummary,
  refuseOtherFiles,
} from './export-manifests.ts';

interface WindowWanted {
  /** Of this export alone, with a slash at its end. */
  readonly prefix: string;
  readonly id: string;
  readonly tableId: string;
  readonly window: { readonly from: number; readonly to: number };
}

/** An incremental export whose manifests agree with its files. */
export interface WindowFiles {
  readonly viewType: ViewType;
  readonly files: readonly ListedFile[];
}

/** A page has whole lines: `netChange` reads them. */
export const CHANGE_LINES: LineForm = (line) => line;

/**
 * The files of an incremental export.
 * @throws Terminal `ExportIncomplete`; `ExportDamaged`, also if the export is of another table or window
 */
export async function findWindowFiles(
  store: ObjectStore,
  { prefix, id, tableId, window }: WindowWanted,
  signal: AbortSignal,
): Promise<WindowFiles> {
  const at = { prefix, id };
  const summary = await readSummary(store, at, signal);
  const other = (how: string) => damagedExport(store, summaryKey(at), how);
  if (summary.exportType !== 'INCREMENTAL_EXPORT') throw other('is one of a full export');
  if (summary.tableId !== tableId) throw other(`is one of the table with the id ${summary.tableId}`);
  if (summary.outputFormat !== 'DYNAMODB_JSON') throw other(`has the format ${summary.outputFormat}`);
  const [from, to] = [summary.exportFromTime, summary.exportToTime].map((time) => Date.parse(time) / 1000);
  if (from !== window.from || to !== window.to)
    throw other(`has the window from ${summary.exportFromTime} to ${summary.exportToTime}`);
  const { files } = await readFiles(store, at, signal);
  await refuseOtherFiles(store, at, { files, items: summary.itemCount }, signal, sharedDataFolder(prefix));
  return { viewType: summary.outputView, files };
}

/**
 * Reads all files once, so that a damaged one is found before anything of the export is used.
 * @param onPage called with the items so far
 * @throws Terminal `ExportIncomplete`, `ExportDamaged`
 */
export async function verifyFiles(
  store: ObjectStore,
  files: readonly ListedFile[],
  { signal, onPage }: { readonly signal: AbortSignal; readonly onPage: (items: number) => void },
): Promise<void> {
  let items = 0;
  const options = { limit: Number.POSITIVE_INFINITY, signal, form: CHANGE_LINES };
  for (const file of files) {
    for await (const { count } of readExportFile(store, file, { byte: 0, items: 0 }, options)) {
      items += count;
      onPage(items);
    }
  }
}
