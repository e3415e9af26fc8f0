import { describe, expect, test } from '@jest/globals';
import { type Layout, layoutId } from '../../../src/pipeline/columns/layout.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import { ROW_TOO_LONG } from '../../../src/pipeline/mapping/item-bounds.ts';
import type { Reject } from '../../../src/pipeline/mapping/reject.ts';
import { Manifest } from '../../../src/pipeline/run/manifest.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import { checkpointKey, manifestKey, planKey, rejectsKey } from '../../../src/pipeline/run/run-directory.ts';
import type { RunRef } from '../../../src/pipeline/run/run-ref.ts';
import type { Checkpoint } from '../../../src/pipeline/run/segments/checkpoint.ts';
import type { Seen } from '../../../src/pipeline/seen/seen.ts';
import { CutWriter } from '../../../src/store/cut-writer.ts';
import { readRejects } from '../../../src/store/item-files.ts';
import { PartBuffer } from '../../../src/store/part-buffer.ts';
import { readCheckpoints } from '../../../src/store/run-files.ts';
import { testStack } from '../setup/stack.ts';
import { inLittleHeap } from './in-little-heap.ts';
import { withHarness } from './with-harness.ts';

const key = [{ name: 'id', kind: 'S' as const }];
const TIME = '2026-11-21T06:00:00.000Z';
/** The parsed code takes about half of it; the layouts and counts of 300 tables have room beside it. */
const HEAP_MEGABYTES = 120;

const harness = withHarness();

/** A run whose directory holds only its plan. */
async function planned(segments: number): Promise<RunRef> {
  const { pipeline, definition } = harness.define('unread', { staging: { cutBytes: 100_000 } });
  const ref = { pipeline, run: 'r', bucket: testStack().s3.bucket, prefix: definition.staging.prefix };
  await putPlan(ref, { segments, definition });
  return ref;
}

async function putPlan(ref: RunRef, some: Partial<Plan> & Pick<Plan, 'segments' | 'definition'>) {
  const plan: Plan = {
    version: 1,
    pipeline: ref.pipeline,
    run: ref.run,
    owner: { workflowId: 'w', firstExecutionRunId: 'f' },
    plannedAt: TIME,
    source: { tableName: 'unread', key, approximateItems: 0, approximateBytes: 0 },
    layouts: [],
    ...some,
  };
  await harness.store.put(planKey(ref), JSON.stringify(plan));
}

const checkpointOf = (some: Pick<Checkpoint, 'segment' | 'number' | 'items'> & Partial<Checkpoint>) =>
  ({
    ...{
      version: 2,
      run: 'r',
      attempt: 'abcdefabcdef',
      pages: 1,
      readUnits: 1,
      startedAt: TIME,
      endedAt: TIME,
    },
    ...{ layouts: {}, files: [], rejectReasons: {}, seen: { tables: {} } },
    ...some,
  }) satisfies Checkpoint;

async function putCheckpoint(ref: RunRef, checkpoint: Checkpoint): Promise<void> {
  await harness.store.put(
    checkpointKey(ref, checkpoint.segment, checkpoint.number),
    JSON.stringify(checkpoint),
  );
}

test('a run of 300 tables is sealed in a heap too small for all its checkpoints', async () => {
  const [segments, cuts, rows] = [10, 15, 100];
  const ref = await planned(segments);
  const lists = Array.from({ length: 299 }, (_, i) => `list_number_${i}`);
  const layouts: Layout[] = [
    { table: '', columns: lists.toSorted().map((path) => ({ path, form: 'count' })) },
    ...lists.map((list) => ({
      table: `${list}[]`,
      columns: Array.from({ length: 10 }, (_, i) => ({ path: `${list}[].n_${i}`, form: 'scalar' as const })),
    })),
  ];
  const text = {
    ...{ kinds: ['S' as const], textForms: ['other' as const], maxBytes: 20, maxIntegerDigits: 0 },
    ...{ maxScale: 0, allInt64: true, hasExponent: false, values: rows, textBytes: 10 * rows },
  };
  const seen: Seen = {
    tables: Object.fromEntries(
      layouts.map(({ table, columns }) => {
        const paths = columns.map(({ path }) => path);
        const texts = Object.fromEntries(paths.map((path) => [path, text]));
        const counts = Object.fromEntries(paths.map((path) => [path, { values: rows, members: rows }]));
        const isRoot = table === '';
        const scalars = isRoot ? { id: text } : texts;
        return [table, { rows, scalars, bytes: {}, counts: isRoot ? counts : {} }];
      }),
    ),
  };
  const byId = Object.fromEntries(layouts.map((layout) => [layoutId(layout, key), layout]));
  for (let segment = 0; segment < segments; segment++) {
    for (let number = 1; number <= cuts; number++) {
      const files = Object.entries(byId).map(([layout, { table }]) => {
        const file = `${ref.prefix}/data/${segment}-${number}-${layout}`;
        return { key: file, etag: '"e"', table, layout, rows, bytes: 1_000, rawBytes: 3_000 };
      });
      const from = (n: number) => ({ id: { S: `${n}` } });
      const checkpoint = checkpointOf({
        ...{ segment, number, items: rows, layouts: byId, files, seen },
        ...(number === 1 ? {} : { startedFrom: from(number - 1) }),
        ...(number === cuts ? {} : { cursor: from(number) }),
      });
      await putCheckpoint(ref, checkpoint);
    }
  }
  const sealed = await inLittleHeap('seal', ref, HEAP_MEGABYTES, harness.environment);
  expect(sealed).toMatchObject({ items: segments * cuts * rows });
});

describe('150 MB of whole items in one file', () => {
  const ITEMS = 15_000;
  const words = Array.from({ length: 2_000 }, (_, i) => ((i * 7_919) % 65_536).toString(36)).join(' ');
  const item = (i: number): Item => ({ id: { S: `p${i}` }, text: { S: `${i} ${words}` } });

  test('that fit no layout are encoded in cuts, in a heap too small for their text', async () => {
    const ref = await planned(1);
    const writer = new CutWriter({
      ...{ store: harness.store, ref, writer: { segment: 0, cut: 1, attempt: 'abcdefabcdef' }, key },
      ...{ layouts: [], mapping: harness.definitions.get(ref.pipeline)!.mapping, compression: 'zstd' },
      nullText: NULL_TEXT,
    });
    for (let i = 0; i < ITEMS; i++) {
      writer.write(item(i));
      await writer.drain();
    }
    const cut = await writer.finish(ITEMS, new AbortController().signal);
    expect(cut).toMatchObject({ odd: { items: ITEMS }, files: [] });
    await putCheckpoint(ref, checkpointOf({ segment: 0, number: 1, items: ITEMS, ...cut }));

    const sealed = await inLittleHeap('seal', ref, HEAP_MEGABYTES, harness.environment);
    expect(sealed).toMatchObject({ items: ITEMS, odd: ITEMS });
    const { body } = (await harness.store.get(manifestKey(ref)))!;
    const [table] = Manifest.parse(JSON.parse(Buffer.from(body).toString('utf8'))).tables;
    expect(table?.rows).toBe(ITEMS);
    expect(table?.files.length).toBeGreaterThan(2);
  });

  test('that were set aside are read again, in a heap too small for their text', async () => {
    const ref = await planned(1);
    const rejects = new PartBuffer('zstd');
    for (let i = 0; i < ITEMS; i++) {
      const reject = { reason: 'none now', path: 'text', key: { id: item(i).id! }, item: item(i) };
      rejects.append(`${JSON.stringify(reject)}\n`, 1);
      await rejects.drain();
    }
    const file = rejectsKey(ref, { segment: 0, cut: 1, attempt: 'abcdefabcdef' }, 'zst');
    await harness.store.put(file, await rejects.finish());
    const set = {
      rejects: { key: file, etag: '"e"', items: ITEMS, bytes: 1 },
      rejectReasons: { some: ITEMS },
    };
    await putCheckpoint(ref, checkpointOf({ segment: 0, number: 1, items: ITEMS, ...set }));

    const definition = await harness.dependencies.definitionOf(ref.pipeline);
    const later = { ...ref, run: 'later' };
    await putPlan(later, { segments: 1, definition, refersTo: { run: 'r', mapping: definition.mapping } });
    await inLittleHeap('replay', later, HEAP_MEGABYTES, harness.environment);
    const [replayed] = await readCheckpoints(harness.store, later, 0);
    expect(replayed?.rejects).toBeUndefined();
    expect(replayed?.files).toMatchObject([{ table: '', rows: ITEMS }]);
  });
});

test('an odd item with a row that COPY cannot read is set aside at the seal, and the others are sealed', async () => {
  const ref = await planned(1);
  const writer = new CutWriter({
    ...{ store: harness.store, ref, writer: { segment: 0, cut: 1, attempt: 'abcdefabcdef' }, key },
    ...{ layouts: [], mapping: harness.definitions.get(ref.pipeline)!.mapping, compression: 'zstd' },
    nullText: NULL_TEXT,
  });
  // Maps at the eighth level are kept whole. JSON writes a control character as 6 bytes, and its hexadecimal as 12.
  const whole = Array.from({ length: 9 }).reduce<AttributeValue>((below) => ({ M: { below } }), {
    S: '\u0001'.repeat(395_000),
  });
  const items: Item[] = [
    { id: { S: 'usual' } },
    { id: { S: 'huge' }, whole },
    { id: { S: 'text' }, text: { S: 'x' } },
  ];
  for (const item of items) writer.write(item);
  const cut = await writer.finish(items.length, new AbortController().signal);
  expect(cut).toMatchObject({ odd: { items: 3 }, rejectReasons: {} });
  await putCheckpoint(ref, checkpointOf({ segment: 0, number: 1, items: items.length, ...cut }));

  const sealed = await inLittleHeap('seal', ref, HEAP_MEGABYTES, harness.environment);
  expect(sealed).toMatchObject({ items: 3, odd: 3, rejects: 1 });
  const { body } = (await harness.store.get(manifestKey(ref)))!;
  const manifest = Manifest.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  expect(manifest.rejectReasons).toEqual({ [ROW_TOO_LONG]: 1 });
  expect(manifest.tables.map(({ rows }) => rows)).toEqual([2]);
  const rejects: Reject[] = [];
  for (const { key: file } of manifest.oddRejects ?? []) {
    for await (const some of readRejects(harness.store, file)) rejects.push(...some);
  }
  expect(rejects).toMatchObject([{ reason: ROW_TOO_LONG, item: items[1] }]);
});
