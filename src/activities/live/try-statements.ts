import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { quoteIdentifier } from '../../pipeline/sql/identifier.ts';
import { runTransaction } from '../sql/transaction.ts';

interface Trial {
  /** The transaction is called `tributary try <what>` in Redshift's lists. */
  readonly what: string;
  /** What is tried: the part of each statement that does not depend on the schema. */
  readonly texts: readonly string[];
  readonly statement: (text: string, schema: string, index: number) => string;
}

/**
 * Whether Redshift accepts some statements. They run in a schema that the same transaction drops, so that nothing remains:
 * all of them together and, if that fails, one by one.
 * @returns Redshift's reason for each text that it does not accept
 */
export async function refusedTexts(
  database: Warehouse,
  { what, texts, statement }: Trial,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const reasonOf = async (some: readonly string[]): Promise<string | undefined> => {
    const schema = `tributary_try_${randomBytes(6).toString('hex')}`;
    const quoted = quoteIdentifier(schema);
    const statements = [
      `CREATE SCHEMA ${quoted}`,
      ...some.map((text, index) => statement(text, quoted, index)),
      `DROP SCHEMA ${quoted} CASCADE`,
    ];
    try {
      await runTransaction(database, { name: `tributary try ${what}`, scope: schema, statements }, signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof Terminal)) throw error;
      return error.message;
    }
  };
  const refused = new Map<string, string>();
  for (const batch of batches([...new Set(texts)])) {
    if ((await reasonOf(batch)) === undefined) continue;
    for (const text of batch) {
      const reason = await reasonOf([text]);
      if (reason !== undefined) refused.set(text, reason);
    }
  }
  return refused;
}
