import { Terminal } from '../../clients/errors.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { isNullField } from '../../pipeline/loader/null-field.ts';
import { addressOf } from '../../pipeline/loader/source-file.ts';
import type { BatchLoad } from '../../pipeline/merge/batch-load.ts';
import { typeOf } from '../../pipeline/merge/target.ts';
import { asSentence } from '../../pipeline/text/sentences.ts';
import type { ValueMissing } from '../sql/transaction.ts';
import type { OpenBatch } from './open-batch.ts';
import { keyOf, rowText, SHOWN } from './refused-rows.ts';
import { readableFiles, rowsIn } from './rows-in-files.ts';

/**
 * The failure of a batch with rows that have no value for a column that is NOT NULL. COPY reads them into a temporary table
 * that takes NULL, so Redshift names the column alone; the files tell which rows.
 */
export async function missingValueFailure(
  open: OpenBatch,
  { load, groups }: { readonly load: BatchLoad; readonly groups: readonly CopyGroup[] },
  { column }: ValueMissing,
): Promise<Terminal> {
  let texts: string[] = [];
  for (const group of groups) {
    if (texts.length >= SHOWN) break;
    try {
      texts = [...texts, ...(await placesOf(open, load, group, column))];
    } catch (error) {
      open.signal.throwIfAborted();
      texts.push(`which rows is not known: ${messageOf(error)}`);
    }
  }
  const places = texts.length === 0 ? '' : `${asSentence(texts.slice(0, SHOWN).join('; '))} `;
  return new Terminal(
    'LoadFailed',
    `${places}Column ${column} of the table is NOT NULL, and a row has no value for it, so nothing of batch ` +
      `${load.batch} is in the warehouse. Correct the file, or let the column be NULL: create the table without NOT NULL.`,
  );
}

async function placesOf(
  open: OpenBatch,
  load: BatchLoad,
  group: CopyGroup,
  column: string,
): Promise<string[]> {
  if (!group.columns.some((each) => each.column === column)) {
    const [file] = group.files;
    return file === undefined ? [] : [`${addressOf(file)} has no column ${column}`];
  }
  // Parquet has no lines.
  if (group.format.kind === 'parquet') return [];
  const type = typeOf(load.target, column);
  const isText = ['character', 'char'].includes(type.kind);
  const texts: string[] = [];
  for (const file of await readableFiles(open, group, load.files)) {
    for await (const row of rowsIn(group, file, open.signal)) {
      if (!isNullField(group.format, row.values.get(column), isText)) continue;
      texts.push(
        rowText(open, {
          ...{ file: addressOf(file.file), line: row.line, column, type: type.sql, reason: 'no value' },
          ...{ value: undefined, key: keyOf(open, row) },
        }),
      );
      if (texts.length >= SHOWN) return texts;
    }
  }
  return texts;
}
