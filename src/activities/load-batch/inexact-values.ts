import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { LoadError } from '../../pipeline/load/load-error.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { addressOf } from '../../pipeline/loader/source-file.ts';
import type { BatchLoad } from '../../pipeline/merge/batch-load.ts';
import { inexactValues } from '../../pipeline/merge/staging.ts';
import { asSentence } from '../../pipeline/text/sentences.ts';
import { query } from '../sql/transaction.ts';
import type { OpenBatch } from './open-batch.ts';
import { hiddenNote, keyOf, rowText, SHOWN } from './refused-rows.ts';
import { readableFiles, rowsIn } from './rows-in-files.ts';

const Inexact = z.object({ column: z.string(), type: z.string(), value: z.string().nullable() });
type Inexact = z.infer<typeof Inexact>;

/** COPY and casts cut or round such values without a word, so the batch is parked instead. */
const REASON = 'not a number, or one that the column cannot hold with all its digits';

/** The failure of a batch with numbers that would be rounded: each with file, line, column and value. */
export async function inexactFailure(
  open: OpenBatch,
  load: BatchLoad,
  groups: readonly CopyGroup[],
): Promise<Terminal> {
  let texts: string[] = [];
  for (const [n, group] of groups.entries()) {
    if (texts.length >= SHOWN) break;
    try {
      const values = await valuesOf(open, load, n);
      if (values.length > 0) texts = [...texts, ...(await placesOf(open, load, group, values))];
    } catch (error) {
      open.signal.throwIfAborted();
      texts.push(`which rows is not known: ${messageOf(error)}`);
    }
  }
  return new Terminal(
    'LoadFailed',
    `${asSentence(texts.slice(0, SHOWN).join('; ') || 'A number would be rounded')}${hiddenNote(open)} No value ` +
      `is rounded or cut, so nothing of batch ${load.batch} is in the warehouse. Give the column more digits, or correct the file: numbers are written plainly, without an exponent.`,
  );
}

async function valuesOf(open: OpenBatch, load: BatchLoad, n: number): Promise<Inexact[]> {
  const statements = inexactValues(load, n);
  if (statements === undefined) return [];
  const [rows = []] = await query(
    open.database,
    `tributary inexact values of batch ${load.batch}`,
    { settings: statements.slice(0, -1), queries: statements.slice(-1) },
    open.signal,
    open.watch,
  );
  return z.array(Inexact).parse(rows);
}

/** Each value once, where it first occurs. */
async function placesOf(
  open: OpenBatch,
  load: BatchLoad,
  group: CopyGroup,
  values: readonly Inexact[],
): Promise<string[]> {
  const wanted = new Map(values.map((each) => [JSON.stringify([each.column, each.value]), each]));
  const texts: string[] = [];
  for (const file of await readableFiles(open, group, load.files)) {
    if (wanted.size === 0 || texts.length >= SHOWN) break;
    const address = addressOf(file.file);
    for await (const row of rowsIn(group, file, open.signal)) {
      for (const [id, { column, type, value }] of wanted) {
        if (value === null || row.values.get(column) !== value) continue;
        wanted.delete(id);
        const error: LoadError = {
          ...{ file: address, line: row.line, column, type, reason: REASON, value, key: keyOf(open, row) },
        };
        texts.push(rowText(open, error));
      }
      if (wanted.size === 0 || texts.length >= SHOWN) break;
    }
  }
  // Parquet has no lines.
  for (const { column, type, value } of wanted.values()) {
    const shown = open.definition.redactValues ? '' : `, value ${value}`;
    texts.push(`column ${column} (${type})${shown}, in one of the files: ${REASON}`);
  }
  return texts;
}
