import { Terminal } from '../../clients/errors.ts';
import type { Row } from '../../clients/warehouse.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import {
  type LoadError,
  loadErrorsQuery,
  loadErrorText,
  type Refused,
  refusedRows,
  withoutValues,
} from '../../pipeline/load/load-error.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { addressOf, fileId } from '../../pipeline/loader/source-file.ts';
import type { BatchLoad } from '../../pipeline/merge/batch-load.ts';
import { asSentence, onOneLine } from '../../pipeline/text/sentences.ts';
import type { FileRow } from '../../store/loader/source-rows.ts';
import { type LoadFailed, query } from '../sql/transaction.ts';
import type { OpenBatch } from './open-batch.ts';
import { readableFiles, rowsIn } from './rows-in-files.ts';

/** The most rows to show in a failure: Temporal keeps about 4 KB of it. */
export const SHOWN = 5;
/** Allows for the difference of the two clocks, and for the time the service took to submit. */
const AGE_MARGIN_SECONDS = 60;

/** A load that failed: what it was to do, and when it began. */
interface FailedLoad {
  readonly load: BatchLoad;
  /** The groups of the load, in its order. */
  readonly groups: readonly CopyGroup[];
  readonly sinceMs: number;
}

/** The failure of a batch whose rows COPY refused: each with file, line, column, value and reason. */
export async function refusedRowsFailure(
  open: OpenBatch,
  failed: FailedLoad,
  error: LoadFailed,
): Promise<Terminal> {
  const details = await refusedText(open, failed);
  return new Terminal(
    'LoadFailed',
    `${details === '' ? '' : `${asSentence(details)} `}Redshift refused ${details === '' ? 'this' : 'rows'}, so nothing of ` +
      `batch ${failed.load.batch} is in the warehouse.\nCOPY says: ${asSentence(onOneLine(error.message))}`,
  );
}

/** What Redshift recorded about the rows, as text; empty if nothing. */
async function refusedText(open: OpenBatch, failed: FailedLoad): Promise<string> {
  const addresses = new Map(
    failed.load.files.map((file) => [addressOf(file.copiedTo ?? file), file] as const),
  );
  let rows: readonly Row[];
  try {
    const sql = loadErrorsQuery(commonPrefixes([...addresses.keys()]));
    [rows = []] = await query(open.database, 'tributary load errors', [sql], open.signal);
  } catch (error) {
    open.signal.throwIfAborted();
    return `Which rows is not known: sys_load_error_detail could not be read: ${messageOf(error)}`;
  }
  const own = rows.filter(({ file }) => addresses.has(String(file)));
  const refused = refusedRows(own, (Date.now() - failed.sinceMs) / 1000 + AGE_MARGIN_SECONDS);
  const shown: string[] = [];
  for (const each of refused.slice(0, SHOWN)) {
    const file = addressOf(addresses.get(each.file)!);
    const found = await lookUp(open, failed, each);
    shown.push(rowText(open, { ...each, ...found, file }));
  }
  const more = refused.length > SHOWN ? `; and ${refused.length - SHOWN} more` : '';
  return shown.length === 0 ? '' : `${shown.join('; ')}${more}.${hiddenNote(open)}`;
}

export const rowText = (open: OpenBatch, error: LoadError) =>
  loadErrorText(open.definition.redactValues ? withoutValues(error) : error);

export const hiddenNote = ({ definition: { redactValues } }: OpenBatch) =>
  redactValues
    ? ' Values and keys are left out, because redactValues is true: see those lines of the files.'
    : '';

/** The longest address that all files of a bucket begin with, per bucket. */
function commonPrefixes(addresses: readonly string[]): string[] {
  const prefixes = new Map<string, string>();
  for (const address of addresses) {
    const bucket = address.slice(0, address.indexOf('/', 's3://'.length) + 1);
    const before = prefixes.get(bucket) ?? address;
    let length = 0;
    while (length < before.length && before[length] === address[length]) length++;
    prefixes.set(bucket, before.slice(0, length));
  }
  return [...prefixes.values()];
}

/** The refused value and the row's key, from the file. */
async function lookUp(
  open: OpenBatch,
  { load, groups }: FailedLoad,
  refused: Refused,
): Promise<Pick<LoadError, 'value' | 'key'>> {
  const unknown = { value: undefined, key: {} };
  const read = load.files.find((file) => addressOf(file.copiedTo ?? file) === refused.file);
  if (read === undefined) return unknown;
  const group = groups.find(({ files }) => files.some((file) => fileId(file) === fileId(read)));
  if (group === undefined) return unknown;
  const files = group.files.filter((file) => fileId(file) === fileId(read));
  try {
    for (const file of await readableFiles(open, { ...group, files }, [read])) {
      let found: FileRow | undefined;
      for await (const row of rowsIn(group, file, open.signal)) {
        // The row that begins on that line or, if none does, the one that contains it.
        if (row.line > refused.line) break;
        found = row;
      }
      if (found !== undefined) {
        return { value: found.values.get(refused.column), key: keyOf(open, found) };
      }
    }
  } catch {
    open.signal.throwIfAborted();
  }
  return unknown;
}

export function keyOf({ definition: { merge } }: OpenBatch, { values }: FileRow): Record<string, string> {
  const key = (merge?.key ?? []).flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(key);
}
