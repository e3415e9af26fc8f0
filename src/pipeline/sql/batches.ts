import { Refusal } from '../failure/refusal.ts';
import { byteLength } from './identifier.ts';

/** The Data API takes 40 statements a batch and 100 KB of SQL; both with something to spare. */
const MAX_STATEMENTS = 35;
export const MAX_BATCH_BYTES = 90_000;

interface BatchLimits {
  readonly maxStatements?: number;
  readonly maxBytes?: number;
}

/**
 * Splits statements, in their order, into batches that the Data API takes. Each batch is a transaction of its
 * own, so only statements that need no other's transaction may go through here.
 * @throws Refusal `StatementTooLong` for a statement longer than a whole batch may be.
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
        `A statement of ${length} bytes is more than the Redshift Data API takes (100 KB): ` +
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
