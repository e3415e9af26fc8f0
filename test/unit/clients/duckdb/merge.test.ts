import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { MergedPartition, MergePartition } from '../../../../src/clients/table-engine.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { canonicalRow } from '../../../../src/pipeline/datasets/parquet/content-sql.ts';
import { literal } from '../../../../src/pipeline/datasets/parquet/duckdb-sql.ts';
import type { Deduplication } from '../../../../src/pipeline/datasets/parquet/merge-sql.ts';
import { canonicalRowText, cellOf } from './cells.ts';
import { type HeldRow, winnersOf } from './merge-model.ts';
import { stepDirectories, writeRowFiles } from './step-directory.ts';

const engine = createDuckDbTableEngine({ memoryBytes: 256 * 1024 ** 2 });
const newDirectory = stepDirectories();

const COLUMNS: readonly TableColumn[] = [
  { name: 'label', type: { kind: 'string' }, isComputed: true },
  { name: 'key', type: { kind: 'bigint' } },
  { name: 'part', type: { kind: 'string' } },
  { name: 'ratio', type: { kind: 'double' } },
  { name: 'changed', type: { kind: 'timestamp' } },
];

/** Few different keys and values, so that rows meet. */
const rowOf = fc.tuple(
  cellOf({ kind: 'string' }),
  fc.option(fc.integer({ min: 0, max: 150 }).map(String), { freq: 20 }),
  fc.constantFrom('', 'a', null),
  fc.constantFrom(null, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.5),
  fc.constantFrom(null, '-1', '5', '1000000'),
);

/** A partition through its generations, and the model of it. */
class Partition {
  merged: MergePartition['existing'] = [];
  #duplicates: string[] = [];
  readonly #inputs = new Map<number, readonly HeldRow[]>();
  #deduplicate: Deduplication | undefined;
  #isOtherRule = false;

  constructor(deduplicate: Deduplication | undefined) {
    this.#deduplicate = deduplicate;
  }

  /** The next generation compares by another rule. */
  change(rule: Deduplication | undefined): void {
    this.#deduplicate = rule;
    this.#isOtherRule = true;
  }

  /** One generation: files arrive, some are overwritten. Files of the batch that are held already add nothing. */
  async next(
    arriving: ReadonlyMap<number, readonly HeldRow[]>,
    dropped: readonly number[],
  ): Promise<MergedPartition> {
    const directory = newDirectory();
    const numbers = [...arriving.keys()];
    const rows = numbers.flatMap((number, input) =>
      (arriving.get(number) ?? []).map(({ cells }) => ({ cells, input, partition: 'p' })),
    );
    const rowFiles = writeRowFiles(directory, COLUMNS, rows);
    const batch = await engine.writeRows({ columns: COLUMNS, rowFiles, directory });
    const held = (number: number) => this.#inputs.has(number);
    const request = {
      columns: COLUMNS,
      sort: ['key', 'part'],
      ...(this.#deduplicate && { deduplicate: this.#deduplicate }),
      existing: this.merged,
      duplicates: this.#duplicates,
      added: batch.map(({ path }) => ({
        path,
        inputs: numbers.map((number) => (held(number) ? null : number)),
      })),
      dropped,
      compareAll: this.#isOtherRule,
      directory: newDirectory(),
      sizes: { smallBytes: 3_000, targetBytes: 6_000 },
    };
    const merged = await engine.mergePartition(request);
    this.#isOtherRule = false;
    for (const number of numbers) if (!held(number)) this.#inputs.set(number, arriving.get(number) ?? []);
    for (const number of dropped) this.#inputs.delete(number);
    this.merged = [...merged.kept.map((index) => request.existing[index]!), ...merged.written];
    this.#duplicates = merged.duplicates === undefined ? [] : [merged.duplicates.path];
    return merged;
  }

  expected() {
    const { winners, beaten } = winnersOf(COLUMNS, [...this.#inputs.values()].flat(), this.#deduplicate);
    return { winners: winners.map(rowText).sort(), beaten: beaten.map(rowText).sort() };
  }

  async found() {
    const located = this.merged.map(
      ({ path, sidePath }) =>
        `SELECT 'winners' AS what, ${canonicalRow(COLUMNS)} || s.input AS text FROM ` +
        `read_parquet(${literal(path)}, file_row_number = true) JOIN ` +
        `read_parquet(${literal(sidePath)}, file_row_number = true) s USING (file_row_number)`,
    );
    const beaten = this.#duplicates.map(
      (path) =>
        `SELECT 'beaten', ${canonicalRow(COLUMNS)} || _tributary_input FROM read_parquet(${literal(path)})`,
    );
    const files = [...this.merged.flatMap(({ path, sidePath }) => [path, sidePath]), ...this.#duplicates];
    const tables = { all: { columns: COLUMNS, partitionColumns: [], partitions: [{ values: [], files }] } };
    const sql = [...located, ...beaten].join(' UNION ALL ');
    const found = { winners: [] as string[], beaten: [] as string[] };
    for await (const { rows } of engine.query({ sql, tables, directory: newDirectory() })) {
      for (const [what, text] of rows) found[what as 'winners' | 'beaten'].push(text as string);
    }
    return { winners: found.winners.sort(), beaten: found.beaten.sort() };
  }
}

const rowText = ({ cells, input }: HeldRow) => `${canonicalRowText(COLUMNS, cells)}${input}`;

const filesOf = (numbers: readonly number[]) =>
  new Map(
    numbers.map((input) => [
      input,
      fc.sample(rowOf, { numRuns: 120, seed: 100 + input }).map((cells) => ({ cells, input })),
    ]),
  );

const RULES: readonly (readonly [name: string, rule: Deduplication | undefined])[] = [
  ['every row', undefined],
  ['the greatest row of each key', { key: ['key', 'part'] }],
  ['the newest row of each key', { key: ['key'], newest: 'changed' }],
];

describe.each(RULES)('a partition holds %s of its inputs, and knows which row came from which', (_, rule) => {
  test('through arrivals, repeated arrivals and overwritten files', async () => {
    const partition = new Partition(rule);
    const files = filesOf([1, 2, 3, 4, 5, 6, 7]);
    const some = (...numbers: number[]) =>
      new Map(numbers.map((number) => [number, files.get(number) ?? []]));
    const generations: readonly (readonly [arriving: ReturnType<typeof some>, dropped: readonly number[]])[] =
      [
        [some(1, 2, 3), []],
        [some(2, 4), []],
        [some(5), [1]],
        [some(), [4, 2]],
        [some(6, 7), [3, 5]],
      ];
    for (const [arriving, dropped] of generations) {
      await partition.next(arriving, dropped);
      expect(await partition.found()).toEqual(partition.expected());
    }
  });
});

test('a partition whose rule changes holds the rows of the new one, also those that have no key by it', async () => {
  const partition = new Partition(undefined);
  const files = filesOf([1, 2, 3, 4]);
  const arriving = (number: number) => new Map([[number, files.get(number) ?? []]]);
  const rules: readonly (Deduplication | undefined)[] = [
    { key: ['changed'] },
    { key: ['key'] },
    { key: ['part', 'key'], newest: 'changed' },
    undefined,
  ];
  for (const [index, rule] of rules.entries()) {
    partition.change(rule);
    await partition.next(arriving(index + 1), []);
    expect(await partition.found()).toEqual(partition.expected());
  }
});
