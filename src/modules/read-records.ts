import { RecordRefused } from '../pipeline/datasets/records/map-record.ts';
import { beginningOf, type RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { RejectedRecord } from './thread-messages.ts';

/**
 * Does something with the text of each record. Those of which that fails are set aside.
 * @param progress gets the index of the record that is being read
 * @returns the rejects
 */
export function forEachRecord(
  records: readonly RawRecord[],
  progress: Int32Array,
  work: (text: string, index: number, line: number) => void,
): RejectedRecord[] {
  const rejects: RejectedRecord[] = [];
  for (const [index, { line, text, malformed }] of records.entries()) {
    Atomics.store(progress, 0, index);
    try {
      if (malformed !== undefined) throw new RecordRefused(malformed);
      work(text, index, line);
    } catch (error) {
      rejects.push(rejectOf(error, { index, line, text }));
    }
  }
  return rejects;
}

/** JSON that is nested too deep overflows the stack. A row that is too long does not fit a line. */
export function rejectOf(
  error: unknown,
  { index, line, text }: { readonly index: number; readonly line: number; readonly text: string },
): RejectedRecord {
  const { message, detail } =
    error instanceof RecordRefused ? error : new RecordRefused('it cannot be read', String(error));
  return { index, line, reason: message, raw: beginningOf(text), ...(detail !== undefined && { detail }) };
}
