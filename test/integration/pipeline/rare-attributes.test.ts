import { beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_LAYOUTS } from '../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { manifestKey } from '../../../src/pipeline/run/run-directory.ts';
import { comparable, expectedTables } from './expected-tables.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const ITEMS = 30_000;
const RARE = 60;
const ITEMS_PER_PAGE = 300;

/** Sixty attributes, each in about one of 10,000 items. */
const items: Item[] = Array.from({ length: ITEMS }, (_, i) => {
  const item: Record<string, { S: string } | { N: string }> = {
    pk: { S: `p${i}` },
    sk: { S: 's' },
    n: { N: String(i) },
    text: { S: `text of item ${i}` },
  };
  const spread = (i * 7919) % 10_000;
  if (spread < RARE) item[`rare_${spread}`] = { S: `value ${i}` };
  return item;
});

describe('sixty attributes that one item of 10,000 has', () => {
  const harness = withHarness();
  const table = uniqueName('rare');

  beforeAll(async () => {
    await harness.createTable(table, items as never);
    await harness.startWorkers();
  });

  test('make only a few layouts over fifty segments, and every value arrives', async () => {
    const { pipeline, schema, definition } = harness.define(table, {
      // Many small cuts: a layout may change at each.
      source: { segments: 50 },
      staging: { cutBytes: 4_000 },
    });
    const result = await (await harness.start({ pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: ITEMS });

    const key = manifestKey({ prefix: definition.staging.prefix, pipeline, run: result.run });
    const object = await harness.store.get(key);
    const manifest = Manifest.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    expect(manifest.odd).toBeGreaterThan(0);
    expect(manifest.tables.map(({ path }) => path)).toEqual(['']);
    expect(Object.keys(manifest.tables[0]!.layouts).length).toBeLessThanOrEqual(4);

    const expected = expectedTables(table, ['pk', 'sk'], items);
    expect(comparable(await harness.rowsOf(schema, table))).toEqual(comparable(expected.get(table)!));
  });
});

describe('forty attributes that about one item of 125 has', () => {
  const harness = withHarness();
  const table = uniqueName('borderline');
  const made: Item[] = Array.from({ length: ITEMS }, (_, i) => {
    const item: Record<string, { S: string }> = { pk: { S: `p${i}` }, sk: { S: 's' } };
    for (let n = 0; n < 40; n++)
      if ((i * 7919 + n * 104729) % 125 === 0) item[`at_${n}`] = { S: `value ${i}` };
    return item;
  });

  beforeAll(async () => {
    await harness.createTable(table, made as never);
    const { source } = harness.dependencies;
    const scanPage: typeof source.scanPage = (request) =>
      source.scanPage({ ...request, limit: Math.min(request.limit ?? ITEMS_PER_PAGE, ITEMS_PER_PAGE) });
    await harness.startWorkers({ ...harness.dependencies, source: { ...source, scanPage } });
  });

  test('are common in some segments only, which still write the same few layouts', async () => {
    const { pipeline, schema, definition } = harness.define(table, {
      // A cut after each page.
      source: { segments: 20 },
      staging: { cutBytes: 1 },
    });
    const result = await (await harness.start({ pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: ITEMS });
    const key = manifestKey({ prefix: definition.staging.prefix, pipeline, run: result.run });
    const manifest = Manifest.parse(
      JSON.parse(Buffer.from((await harness.store.get(key))!.body).toString('utf8')),
    );
    expect(Object.keys(manifest.tables[0]!.layouts).length).toBeLessThanOrEqual(MAX_LAYOUTS);
    const expected = expectedTables(table, ['pk', 'sk'], made);
    expect(comparable(await harness.rowsOf(schema, table))).toEqual(comparable(expected.get(table)!));
  });
});

describe('an attribute that three items of a hundred have', () => {
  const harness = withHarness();
  const table = uniqueName('uncommon');
  const made = items
    .slice(0, 3000)
    .map((item, i) => (i % 33 === 0 ? { ...item, uncommon: { S: 'x' } } : item));

  beforeAll(async () => {
    await harness.createTable(table, made as never);
    await harness.startWorkers();
  });

  test('has its column from the first cut on, also in a single segment', async () => {
    const { pipeline, definition } = harness.define(table, { source: { segments: 1 } });
    const { run } = await (await harness.start({ pipeline, to: 'seal' })).result();
    const key = manifestKey({ prefix: definition.staging.prefix, pipeline, run });
    const object = await harness.store.get(key);
    const manifest = Manifest.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    const rare = made.filter((item) => Object.keys(item).some((name) => name.startsWith('rare_'))).length;
    expect(manifest.odd).toBeLessThanOrEqual(rare);
  });
});
