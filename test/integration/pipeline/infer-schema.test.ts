import { beforeAll, describe, expect, test } from '@jest/globals';
import { createTable, type Item, loadItems } from '../../../local/demo/load-items.ts';
import type { InferInput, InferResult } from '../../../src/contract/infer.ts';
import { CONTROL_TASK_QUEUE, type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { Inference, inferenceKey } from '../../../src/pipeline/run/inference.ts';
import { reportKey } from '../../../src/pipeline/run/run-directory.ts';
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

  test('with agree: false only looks', async () => {
    const pipeline = harness.define(table, { source: { segments: SEGMENTS } });
    const looked = await infer({ pipeline: pipeline.pipeline, agree: false });
    expect(looked).toMatchObject({ items: ITEMS, agreed: false, reason: 'the inference only looked' });
    expect((await inferenceOf(pipeline, looked.inference)).tables).toHaveLength(2);
    expect(await harness.store.get(currentSchemaKey(placeOf(pipeline)))).toBeUndefined();
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
    const looked = await infer({ pipeline: pipeline.pipeline, agree: false });
    expect(looked).toMatchObject({
      agreed: false,
      reason: 'the inference only looked',
      drift: stopped.drift,
    });
    const { drift } = await inferenceOf(pipeline, stopped.inference);
    expect(drift.newColumns).toMatchObject([{ column: 'y', path: 'y', because: 'pk=b, sk=s' }]);
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

  test('a dictionary of lists is named by an inference and a run, which create none of its tables', async () => {
    const rooms = uniqueName('rooms');
    const user = { M: { roles: { L: [{ S: 'admin' }] } } };
    const members = (i: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, j) => [`user-${i * 10 + j}`, user]));
    await harness.createTable(
      rooms,
      Array.from({ length: 60 }, (_, i) => ({
        pk: { S: `room${i}` },
        sk: { S: 's' },
        members: { M: members(i) },
      })),
    );
    const defined = harness.define(rooms, { source: { segments: 1 } });
    const { pipeline, schema, definition } = defined;
    const named = { dictionaries: [{ path: 'members', names: 600, tables: 600 }] };
    const setting = 'mapping: { columns: { "members": { asRows: true } } }';

    const inferred = await infer({ pipeline });
    expect(inferred).toMatchObject({ agreed: false, ...named });
    expect(inferred.reason).toContain(`601 tables, and mapping.maxTables is 500`);
    expect(inferred.reason).toContain(setting);
    expect(await inferenceOf(defined, inferred.inference)).toMatchObject(named);

    const run = uniqueName('r');
    const started = await harness.start({ pipeline, run });
    await expect(started.result()).rejects.toMatchObject({
      cause: {
        type: 'TooManyTables',
        message: expect.stringContaining(`members (600 different names, 600 tables). To make the entries`),
      },
    });
    expect(await started.query<Progress>(QUERY_PROGRESS)).toMatchObject(named);
    const report = await read(reportKey({ ...placeOf(defined), run }));
    expect(report).toMatchObject({ outcome: 'failed', ...named });
    expect(report.notes).toContainEqual(expect.stringContaining(setting));
    expect(await harness.tablesOf(schema)).toEqual([]);
    expect(await harness.store.get(currentSchemaKey(placeOf(defined)))).toBeUndefined();

    const change = (mapping: object) =>
      harness.definitions.set(pipeline, PipelineDefinition.parse({ ...definition, mapping }));
    change({ columns: { members: { asRows: true } } });
    const replaced = await (await harness.start({ pipeline })).result();
    expect(replaced).toMatchObject({ status: 'replaced', items: 60 });
    expect(replaced.dictionaries).toBeUndefined();
    expect(Object.fromEntries(replaced.tables.map(({ table: name, rows }) => [name, rows]))).toEqual({
      [rooms]: 60,
      [`${rooms}__members`]: 600,
      [`${rooms}__members__roles`]: 600,
    });

    // The limit is not part of the plan: an operator who wants the tables raises it and continues.
    change({ maxTables: 603 });
    const sealed = await (await harness.start({ pipeline, run, from: 'seal', to: 'seal' })).result();
    expect(sealed).toMatchObject(named);
    expect(sealed.tables).toHaveLength(603);
    // Tables that were agreed on are always allowed.
    expect((await infer({ pipeline })).agreed).toBe(true);
    change({ maxTables: 1 });
    expect((await infer({ pipeline })).agreed).toBe(true);
  });
});
