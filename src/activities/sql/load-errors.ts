import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Row, Warehouse } from '../../clients/warehouse.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import {
  type LoadError,
  loadErrorsQuery,
  loadErrorText,
  lookUp,
  type Refused,
  rawValues,
  rawValuesQuery,
  refusedId,
  refusedRows,
  withoutValues,
} from '../../pipeline/load/load-error.ts';
import { asSentence, onOneLine } from '../../pipeline/text/sentences.ts';
import { decompress } from '../../store/part-buffer.ts';
import { type LoadFailed, query } from './transaction.ts';

/** The most rows to show in a failure: Temporal keeps about 4 KB of it. */
const SHOWN = 5;
/** Allows for the difference of the two clocks, and for the time the service took to submit. */
const AGE_MARGIN_SECONDS = 60;

/** Files that one COPY reads: what their fields are. */
interface CopiedFiles {
  /** Keys in the store's bucket. */
  readonly keys: readonly string[];
  /** The columns of the files' fields, in order. */
  readonly columns: readonly string[];
  /** The columns that hold an item's key. */
  readonly keyColumns: readonly string[];
}

/**
 * What Redshift recorded about the rows that COPY refused, as text: file, line, column, value, item, reason. The value
 * comes from Redshift if this user may see it, otherwise from the file. Empty if nothing was recorded. For a pipeline with
 * `redactValues`, there is the value's length instead, and no item.
 */
export async function loadErrors(
  database: Warehouse,
  store: ObjectStore,
  failed: {
    readonly files: readonly CopiedFiles[];
    /** When the transaction began. */
    readonly sinceMs: number;
    readonly isRedacted: boolean;
    /** Takes the key of each refused row that was found: texts by column. */
    readonly onFound?: (key: LoadError['key'], keyColumns: readonly string[]) => void;
  },
  signal: AbortSignal,
): Promise<string> {
  const { files, sinceMs, isRedacted, onFound } = failed;
  const prefixes = foldersOf(store.bucket, files);
  let rows: readonly Row[];
  try {
    [rows = []] = await query(database, 'tributary load errors', [loadErrorsQuery(prefixes)], signal);
  } catch (error) {
    signal.throwIfAborted();
    return `Which rows is not known: sys_load_error_detail could not be read: ${messageOf(error)}`;
  }
  const refused = refusedRows(rows, (Date.now() - sinceMs) / 1000 + AGE_MARGIN_SECONDS);
  if (refused.length === 0) return '';
  const shown = await withValues(database, store, refused.slice(0, SHOWN), { files, prefixes }, signal);
  for (const { key, file } of shown) {
    const copied = files.find(({ keys }) => keys.some((each) => file === `s3://${store.bucket}/${each}`));
    if (copied !== undefined) onFound?.(key, copied.keyColumns);
  }
  const more = refused.length > SHOWN ? `; and ${refused.length - SHOWN} more` : '';
  const texts = shown.map((error) => loadErrorText(isRedacted ? withoutValues(error) : error));
  const where = isRedacted
    ? ' Values and keys are left out, because redactValues is true: see those lines of the files.'
    : '';
  return `${texts.join('; ')}${more}.${where}`;
}

/**
 * The failure of a COPY. The rows come first: Redshift's own error only says where to look them up.
 * @param details of `loadErrors`
 * @param what did not take effect: `this load`
 */
export const copyFailed = (details: string, what: string, { message }: LoadFailed) =>
  new Terminal(
    'LoadFailed',
    `${details === '' ? '' : `${asSentence(details)} `}Redshift refused ${details === '' ? 'rows' : 'this'}, so nothing of ` +
      `${what} is in the warehouse.\nCOPY says: ${asSentence(onOneLine(message))}`,
  );

/** The addresses of the folders that hold the files; a run that refers to an earlier one has files in both. */
function foldersOf(bucket: string, files: readonly CopiedFiles[]): string[] {
  const keys = files.flatMap((each) => each.keys);
  return [...new Set(keys.map((key) => `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`))];
}

async function withValues(
  database: Warehouse,
  store: ObjectStore,
  refused: readonly Refused[],
  { files, prefixes }: { readonly files: readonly CopiedFiles[]; readonly prefixes: readonly string[] },
  signal: AbortSignal,
): Promise<LoadError[]> {
  const kept = await keptValues(database, prefixes, signal);
  const byAddress = new Map(
    files.flatMap((each) => each.keys.map((key) => [`s3://${store.bucket}/${key}`, each])),
  );
  const parts = new Map<string, string | undefined>();
  const errors: LoadError[] = [];
  for (const each of refused) {
    if (!parts.has(each.file)) parts.set(each.file, await partText(store, each.file, signal));
    const part = parts.get(each.file);
    const copied = byAddress.get(each.file);
    const found =
      part === undefined || copied === undefined
        ? { value: undefined, key: {} }
        : lookUp(each, part, copied.columns, copied.keyColumns);
    errors.push({ ...each, ...found, value: kept.get(refusedId(each)) ?? found.value });
  }
  return errors;
}

/** Empty on Redshift Serverless, and if the user may not see them. */
async function keptValues(
  database: Warehouse,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  try {
    const [rows = []] = await query(database, 'tributary refused values', [rawValuesQuery(prefixes)], signal);
    return rawValues(rows);
  } catch {
    signal.throwIfAborted();
    return new Map();
  }
}

/** Undefined if the file can no longer be read; the failure then has only what Redshift recorded. */
async function partText(store: ObjectStore, file: string, signal: AbortSignal): Promise<string | undefined> {
  const home = `s3://${store.bucket}/`;
  if (!file.startsWith(home)) return undefined;
  const key = file.slice(home.length);
  try {
    const object = await store.get(key, { signal });
    return object === undefined ? undefined : await decompress(key, object.body);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
