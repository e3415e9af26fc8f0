import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { Reject } from '../../../src/pipeline/mapping/reject.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { readRejects } from '../../../src/store/item-files.ts';
import { readCheckpoints } from '../../../src/store/run-files.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { readManifest } from './warehouse-items.ts';
import { withHarness } from './with-harness.ts';

const item = (pk: string, more: Item): Item => ({ pk: { S: pk }, sk: { S: 'x' }, ...more });
const totals = (name: string): Item => ({ totals: { M: { [name]: { N: '1' } } } });

/** Two that fit, an odd one, two with an entry that cannot be named, one with a key that cannot be written. */
const items: Item[] = [
  ...Array.from({ length: 300 }, (_, i) => item(`fits ${i}`, totals('2024'))),
  item('odd', { ...totals('2025'), rare: { S: 'rare' } }),
  item('nul 1', totals('a\0')),
  item('nul 2', { ...totals('b\0'), more: { L: [{ S: 'x' }] } }),
  item('key\0', {}),
];

describe('items set aside', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  const asRows = { mapping: { columns: { totals: { asRows: true } } } };

  beforeAll(async () => {
    await harness.createTable(table, items as never);
    await harness.startWorkers();
  });

  async function rejectsOf({ pipeline, definition }: TestPipeline, run: string): Promise<Reject[]> {
    const ref = { ...definition.staging, pipeline, run };
    const rejects: Reject[] = [];
    for (let segment = 0; segment < 3; segment++) {
      for (const checkpoint of await readCheckpoints(harness.store, ref, segment)) {
        if (!checkpoint.rejects) continue;
        for await (const some of readRejects(harness.store, checkpoint.rejects.key)) rejects.push(...some);
      }
    }
    return rejects.sort((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
  }

  test('are kept whole with key, path and reason, and a later run loads those that then fit', async () => {
    const source = { segments: 3 };
    const lenient = harness.define(table, { source, ...asRows, maxRejects: 3 });
    const first = await (await harness.start({ pipeline: lenient.pipeline })).result();
    expect(first).toMatchObject({ status: 'replaced', items: 304, rejects: 3 });
    expect(await rejectsOf(lenient, first.run)).toEqual([
      {
        reason: expect.stringContaining('U+0000'),
        path: 'pk',
        key: { pk: { S: 'key\0' }, sk: { S: 'x' } },
        item: items[303],
      },
      { reason: expect.stringContaining('name'), path: 'totals', key: expect.anything(), item: items[301] },
      { reason: expect.stringContaining('name'), path: 'totals', key: expect.anything(), item: items[302] },
    ]);

    const fixed = PipelineDefinition.parse({
      ...lenient.definition,
      mapping: { columns: { totals: { asRows: true, ignore: true } } },
      maxRejects: 1,
    });
    const replay = { pipeline: lenient.pipeline, definition: fixed, replay: first.run };
    const second = await (await harness.start(replay)).result();
    expect(second).toMatchObject({ status: 'replaced', items: 304, rejects: 1 });
    const rows = await harness.rowsOf(lenient.schema, table);
    expect(rows).toHaveLength(303);
    expect(rows.find(({ pk }) => pk === 'odd')).toMatchObject({ rare: 'rare', totals__count: '1' });
    expect(rows.find(({ pk }) => pk === 'nul 2')).toMatchObject({ more__count: '1', totals__count: null });
    expect(await harness.rowsOf(lenient.schema, `${table}__totals`)).toHaveLength(301);
    expect(await harness.rowsOf(lenient.schema, `${table}__more`)).toHaveLength(1);

    const manifest = await readManifest(harness, lenient, second.run);
    expect(manifest.refersTo).toBe(first.run);
    const keys = manifest.tables.flatMap(({ files }) => files.map(({ key }) => key));
    expect(keys.some((key) => key.includes(`/runs/${first.run}/`))).toBe(true);
    expect(keys.some((key) => key.includes(`/runs/${second.run}/`))).toBe(true);

    const third = await (await harness.start({ ...replay, replay: second.run })).result();
    expect(third).toMatchObject({ status: 'replaced', items: 304, rejects: 1 });
    expect(await harness.rowsOf(lenient.schema, table)).toHaveLength(303);
  });

  test('a run without any, and an unknown run, cannot be replayed', async () => {
    const fitting = harness.define(table, {
      mapping: { columns: { totals: { ignore: true } } },
      maxRejects: 1,
    });
    const { run } = await (await harness.start({ pipeline: fitting.pipeline, to: 'plan' })).result();
    for (const [earlier, message] of [
      [run, 'no manifest'],
      ['never_was', 'no run never_was'],
    ] as const) {
      const handle = await harness.start({ pipeline: fitting.pipeline, replay: earlier });
      await expect(handle.result()).rejects.toMatchObject({
        cause: { message: expect.stringContaining(message) },
      });
    }
  });

  test('of a run whose checkpoints are gone are not read again, because the table has changed since', async () => {
    const lenient = harness.define(table, { source: { segments: 2 }, ...asRows, maxRejects: 3 });
    const { pipeline, definition } = lenient;
    const { run } = await (await harness.start({ pipeline, to: 'seal' })).result();
    const keys: string[] = [];
    const segments = `${runDirectory({ ...definition.staging, pipeline, run })}/segments/`;
    for await (const { key } of harness.store.list(segments)) keys.push(key);
    await harness.store.delete(keys);

    const handle = await harness.start({ pipeline, replay: run, to: 'extract' });
    const { extract } = await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    expect(extract).toMatchObject({ failed: 2, settled: 0 });
    expect(JSON.stringify(extract)).toContain(`of run ${run}`);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
  });

  test('a run that set aside too many continues from verify once the definition allows for them', async () => {
    const strict = harness.define(table, { ...asRows, maxRejects: 2 });
    const { pipeline } = strict;
    const run = 'too_many';
    const refused = (await harness.start({ pipeline, run })).result();
    await expect(refused).rejects.toMatchObject({
      cause: {
        type: 'TooManyRejects',
        message: expect.stringMatching(/set 3 items aside, .* "tributary rejects replay too_many --wait"/),
      },
    });
    const again = { pipeline, run, from: 'verify' } as const;
    for (const from of ['verify', 'replace'] as const) {
      await expect((await harness.start({ ...again, from })).result()).rejects.toMatchObject({
        cause: { message: expect.stringContaining('maxRejects is 2') },
      });
    }
    harness.definitions.set(pipeline, PipelineDefinition.parse({ ...strict.definition, maxRejects: 3 }));
    const result = await (await harness.start(again)).result();
    expect(result).toMatchObject({ run, status: 'replaced', rejects: 3 });
  });
});
