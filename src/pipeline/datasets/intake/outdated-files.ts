import type { BatchResult, RawFile } from '../documents.ts';
import type { TableColumn } from '../parquet/column-type.ts';
import { fitsColumns } from '../parquet/earlier-columns.ts';
import { isOffered, type OpenIntake, unreadBatches } from './open-intake.ts';

/** The record module that workers have now. */
interface CurrentModule {
  readonly code: string;
  readonly columns: readonly TableColumn[];
}

/**
 * Files whose rows wait in open intakes, and were made by an earlier record module with other types, or with columns that the current
 * one does not have. Files that a later intake has read, or is reading, are left out.
 * @param open oldest first
 */
export function outdatedFiles(open: readonly OpenIntake[], current: CurrentModule): RawFile[] {
  const found = new Map<string, RawFile>();
  for (const intake of open.filter(isOffered))
    for (const { number, files } of intake.plan.batches) {
      const result = intake.results.get(number);
      if (result === undefined || result.parked !== undefined) continue;
      const unread = new Set([...result.missing, ...result.damaged]);
      const isOld = isOutdated(result, current);
      for (const file of files) {
        if (unread.has(file.key)) continue;
        if (isOld) found.set(file.key, file);
        else found.delete(file.key);
      }
    }
  // Which partitions a rebuild gives rows to is not known before it has read them.
  for (const intake of open)
    for (const { files } of unreadBatches(intake)) for (const { key } of files) found.delete(key);
  return [...found.values()];
}

/** Without columns, the document is older than this rule. */
const isOutdated = ({ code, columns, partitions }: BatchResult, current: CurrentModule): boolean =>
  code !== current.code &&
  partitions.some(({ file }) => file !== undefined) &&
  (columns === undefined || !fitsColumns(columns, current.columns));
