import { Refusal } from '../failure/refusal.ts';
import { byteLength } from './identifier.ts';

/** The Data API accepts 40 statements and 100 KB of SQL per batch. These limits leave a margin. */
const MAX_STATEMENTS = 35;
export const MAX_BATCH_BYTES = 90_000;

interface BatchLimits {
  readonly maxStatements?: number;
  readonly maxBytes?: number;
}

/**
 * Splits statements, in order, into batches that the Data API accepts. Each batch is a separate transaction, so use it
 * only for statements that do not have to share one.
 * @throws Refusal `StatementTooLong` for a statement that exceeds the limit of a whole batch.
 */
export function batches(statements: readonly string[], limits: BatchLimits = {}): string[][] {
  const { maxStatements = MAX_STATEMENTS, maxBytes = MAX_BATCH_BYTES } = limits;
  const made: string[][] = [];
  let open: string[] = [];
  let bytes = 0;
  for (const statement of statements) {
    const length = byteLength(statement);
    if (length > maxBytes) {
      throw new Refusal(
        'StatementTooLong',
        `A statement has ${length} bytes, but the Redshift Data API accepts at most 100 KB: ` +
          `${statement.slice(0, 120)}… Its table has too many columns with long names.`,
      );
    }
    if (open.length > 0 && (open.length === maxStatements || bytes + length > maxBytes)) {
      made.push(open);
      open = [];
      bytes = 0;
    }
    open.push(statement);
    bytes += length;
  }
  if (open.length > 0) made.push(open);
  return made;
}
