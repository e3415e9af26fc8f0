import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { BatchLoad } from '../../../src/pipeline/merge/batch-load.ts';
import { batchStatements } from '../../../src/pipeline/merge/batch-statements.ts';
import { tombstonesProblem } from '../../../src/pipeline/merge/tombstones.ts';
import { quoteIdentifier } from '../../../src/pipeline/sql/identifier.ts';
import { LoadedTable } from './loaded-table.ts';
import { type CaseEntry, type GeneratedTable, generateTable, randomFrom } from './merge-cases.ts';
import { merged } from './merge-model.ts';
import { withStack } from './with-stack.ts';

/**
 * The SQL of a merge, on the local Redshift, against the model.
 *
 *     TRIBUTARY_MERGE_CASES=10000 npm run integration -- loader/merge-generated
 *
 * `TRIBUTARY_MERGE_SEED` repeats a failure; a test's title has its seed.
 */
const CASES = Number(process.env.TRIBUTARY_MERGE_CASES ?? 400);
const SEED = Number(process.env.TRIBUTARY_MERGE_SEED ?? randomBytes(4).readUInt32LE());
const CASES_PER_TABLE = Math.max(50, Math.min(400, Math.ceil(CASES / 8)));
const tables = Array.from({ length: Math.ceil(CASES / CASES_PER_TABLE) }, (_, n) =>
  generateTable(SEED + n, CASES_PER_TABLE),
);

const { stack, schema } = withStack();

describe('a table is the merge of all files, whatever their order and batches', () => {
  test.each(tables)('$title', async (generated) => {
    const random = randomFrom(SEED ^ generated.columns.length);
    const loaded = await createTable(generated);
    const { rule } = generated;
    expect(tombstonesProblem(await loaded.tombstonesTable(), await loaded.target(), rule)).toBeUndefined();
    const read: CaseEntry[] = [];
    for (const [n, batch] of generated.batches.entries()) {
      await loaded.addColumns(
        ...random
          .shuffled(generated.columns.filter(({ from }) => from === n + 1))
          .map(({ name, kind }) => ({ name, type: kind.type })),
      );
      if (batch.files.length === 0) continue;
      const load = await loaded.plan(batch.files);
      const rival = random.chance(0.3) ? { ...load, attempt: 'rival' } : undefined;
      await stack.run(batchStatements(load));
      read.push(...batch.entries);
      if (rival !== undefined) await expectRefused(rival);
    }
    await expectMerged(generated, loaded, read);
  });
});

/** Another writer that planned the same batch comes too late, and so do the same files in a later batch. */
async function expectRefused(rival: BatchLoad): Promise<void> {
  await expect(stack.run(batchStatements(rival))).rejects.toThrow('guard version');
  const again = { ...rival, version: rival.version + 1 };
  await expect(stack.run(batchStatements(again))).rejects.toThrow('guard files');
}

async function createTable({ rule, columns, stored }: GeneratedTable): Promise<LoadedTable> {
  const first = columns.filter(({ from }) => from === 0);
  const loaded = await LoadedTable.create(
    stack,
    schema,
    first.map(({ name, kind }) => `${quoteIdentifier(name)} ${kind.type}`).join(', '),
    rule,
  );
  if (stored.length > 0) {
    const rows = stored.map(({ entry }) =>
      first.map(({ name, kind }) => {
        const value = entry.values[name];
        if (value == null) return kind.type === 'SUPER' ? 'JSON_PARSE(NULL)' : `NULL::${kind.type}`;
        const text = `'${value.text}'`;
        if (kind.type === 'SUPER') return `JSON_PARSE(${text})`;
        return kind.type.startsWith('VARBYTE') ? `TO_VARBYTE(${text}, 'hex')` : `${text}::${kind.type}`;
      }),
    );
    for (let at = 0; at < rows.length; at += 100) {
      const some = rows.slice(at, at + 100).map((row) => `SELECT ${row.join(', ')}`);
      await stack.sql(`INSERT INTO "${schema}"."${loaded.table}" ${some.join(' UNION ALL ')}`);
    }
  }
  return loaded;
}

async function expectMerged(
  { rule, columns, stored }: GeneratedTable,
  loaded: LoadedTable,
  read: readonly CaseEntry[],
) {
  const names = columns.map(({ name }) => name);
  const expected = merged(
    rule,
    names,
    stored.map(({ entry }) => entry),
    read.map(({ entry }) => entry),
  );
  // One text per row, so that a failure shows the rows that differ.
  const texts = (rows: readonly Record<string, string | null>[], of: readonly string[]) =>
    rows.map((row) => JSON.stringify(of.map((name) => row[name] ?? null))).sort();
  const stored_ = [...rule.key, rule.newest];
  expect(texts(await loaded.rows(), names)).toEqual(texts(expected.rows, names));
  expect(texts(await loaded.tombstones(), stored_)).toEqual(texts(expected.tombstones, stored_));
  expect(await loaded.setAside()).toHaveLength(expected.setAside);
}
