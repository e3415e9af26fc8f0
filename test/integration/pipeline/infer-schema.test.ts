import { beforeAll, describe, expect, test } from '@jest/globals';
import { createTable, type Item, loadItems } from '../../../local/demo/load-items.ts';
import type { InferInput, InferResult } from '../../../src/contract/infer.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { Inference, inferenceKey } from '../../../src/pipeline/run/inference.ts';
import { currentSchemaKey } from '../../../src/pipeline/run/schema-directory.ts';
import { AgreedSchema } from '../../../src/pipeline/schema/agreed-schema.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const ITEMS = 4_000;
const SEGMENTS = 4;

describe('schema inference', () => {
  const harness = withHarness();
  const table = uniqueName('infer');
  const items: Item[] = Array.from({ length: ITEMS }, (_, i) => ({
    pk: { S: `p${i}` },
    sk: { S: 's' },
    n: { N: String(i) },
    ...(i % 2 === 0 ? { text: { S: `text of ${i}` } } : {}),
    tags: { SS: ['a', 'b'] },
  }));

  beforeAll(async () => {
    await harness.createTable(table, items);
    await harness.startWorkers();
  });

  const infer = (input: InferInput): Promise<InferResult> =>
    harness.client.workflow.execute('inferSchema', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('infer'),
      args: [input],
    });
  const read = async (key: string) =>
    JSON.parse(Buffer.from((await harness.store.get(key))!.body).toString());
  const placeOf = ({ pipeline, definition }: TestPipeline) => ({
    pipeline,
    prefix: definition.staging.prefix,
  });
  const inferenceOf = async (of: TestPipeline, name: string) =>
    Inference.parse(await read(inferenceKey(placeOf(of), name)));

  test('of a whole table counts every value, with examples, and agrees on the schema', async () => {
    const pipeline = harness.define(table, { source: { segments: SEGMENTS } });
    const result = await infer({ pipeline: pipeline.pipeline });
    expect(result).toMatchObject({ items: ITEMS, rejects: 0, agreed: true, drift: { revision: 1 } });
    const inference = await inferenceOf(pipeline, result.inference);
    expect(inference.tables.map(({ name, rows }) => [name, rows])).toEqual([
      [table, ITEMS],
      [`${table}__tags`, 2 * ITEMS],
    ]);
    const columns = new Map(inference.tables[0]!.columns.map((column) => [column.name, column]));
    expect(columns.get('n')).toMatchObject({
      type: 'BIGINT',
      share: 1,
      kinds: ['N'],
      digits: { before: 4, after: 0 },
    });
    expect(columns.get('n')?.examples).toHaveLength(3);
    expect(columns.get('text')).toMatchObject({ values: ITEMS / 2, share: 0.5, longestBytes: 12 });
    expect(columns.get('pk')).toMatchObject({ share: 1, kinds: ['S'] });
    const schema = AgreedSchema.parse(await read(currentSchemaKey(placeOf(pipeline))));
    expect(schema.tables[0]?.columns.map(({ name }) => name)).toEqual(['n', 'tags__count', 'text']);

    const without = await infer({ pipeline: pipeline.pipeline, examples: 'off' });
    expect(without.drift).toMatchObject({ revision: 1, newColumns: 0 });
    expect(JSON.stringify(await inferenceOf(pipeline, without.inference))).not.toContain('text of');
  });

  test('of a 5% sample reads about 5% of every segment', async () => {
    const pipeline = harness.define(table, { source: { segments: SEGMENTS } });
    const result = await infer({ pipeline: pipeline.pipeline, sample: '5%' });
    expect(result.items).toBeGreaterThan(ITEMS * 0.02);
    expect(result.items).toBeLessThan(ITEMS * 0.1);
    expect(result.agreed).toBe(true);
  });

  test('that misses an attribute leaves it to the refresh, which loads it', async () => {
    const rare = uniqueName('rare');
    await createTable(harness.dynamodb, rare);
    const late: Item = { pk: { S: 'rare' }, sk: { S: 's' }, late: { N: '1.5' } };
    await loadItems(harness.dynamodb, rare, [...items, late]);
    const missing = async () => {
      // One sample in twenty finds the item; the inference's name determines which parts are read.
      for (;;) {
        const pipeline = harness.define(rare, { source: { segments: SEGMENTS } });
        expect((await infer({ pipeline: pipeline.pipeline, sample: '5%' })).agreed).toBe(true);
        const { tables } = AgreedSchema.parse(await read(currentSchemaKey(placeOf(pipeline))));
        if (!tables[0]?.columns.some(({ path }) => path === 'late')) return pipeline;
      }
    };
    const { pipeline, schema } = await missing();
    const result = await (await harness.start({ pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: ITEMS + 1, drift: { newColumns: 1 } });
    const rows = await harness.sql(`SELECT pk, late FROM "${schema}"."${rare}" WHERE late IS NOT NULL`);
    expect(rows.map((row) => [row.pk, String(row.late)])).toEqual([['rare', '1.5']]);
  });

  test('with onDrift: stop reports what it found and agrees on nothing until an operator accepts it', async () => {
    const small = uniqueName('stop');
    await harness.createTable(small, [{ pk: { S: 'a' }, sk: { S: 's' }, x: { N: '1' } }]);
    const pipeline = harness.define(small, { source: { segments: 2 } });
    Object.assign(pipeline.definition, { onDrift: 'stop' });
    expect((await infer({ pipeline: pipeline.pipeline })).agreed).toBe(true);
    await loadItems(harness.dynamodb, small, [{ pk: { S: 'b' }, sk: { S: 's' }, y: { S: 'new' } }]);
    const stopped = await infer({ pipeline: pipeline.pipeline, sample: '100%' });
    expect(stopped).toMatchObject({ agreed: false, reason: expect.stringContaining('onDrift is stop') });
    const { drift } = await inferenceOf(pipeline, stopped.inference);
    expect(drift.newColumns).toMatchObject([{ column: 'y', path: 'y' }]);
    const current = async () => AgreedSchema.parse(await read(currentSchemaKey(placeOf(pipeline)))).revision;
    expect(await current()).toBe(1);
    expect((await infer({ pipeline: pipeline.pipeline, acceptDrift: true })).agreed).toBe(true);
    expect(await current()).toBe(2);
  });

  test('is refused if its input cannot be understood', async () => {
    const { pipeline } = harness.define(table);
    await expect(infer({ pipeline, sample: 'some' })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('percentage') },
    });
  });
});
