import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Layout, layoutId } from '../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import { copyManifestBody, copySql } from '../../../src/pipeline/load/copy-statement.ts';
import type { PartFile } from '../../../src/pipeline/load/part-file.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import { buildManifest } from '../../../src/pipeline/run/seal/seal.ts';
import type { Checkpoint } from '../../../src/pipeline/run/segments/checkpoint.ts';
import { agree } from '../../../src/pipeline/schema/agree.ts';
import { batches } from '../../../src/pipeline/sql/batches.ts';
import { createTable } from '../../../src/pipeline/staging/ddl.ts';
import { PartBuffer } from '../../../src/store/part-buffer.ts';
import { seenOf, write } from '../../unit/pipeline/load/part-files.ts';
import { alikeItems, HOSTILE_KEY } from '../../unit/pipeline/mapping/hostile-items.ts';
import { type Plain, plainMap } from '../../unit/pipeline/mapping/plain.ts';
import { testStack } from '../setup/stack.ts';
import { uniqueName } from './harness.ts';
import { itemsInWarehouse } from './warehouse-items.ts';
import { withHarness } from './with-harness.ts';

/** Generated items share the tables they need: loading them takes one COPY per table, so thousands take seconds. */
const ITEMS = 3000;

const MAPPINGS: Record<string, unknown> = {
  'no mapping': {},
  'a mapping of every sort': {
    maxDepth: 3,
    columns: {
      map: { asRows: true },
      list: { asSuper: true },
      a: { split: true },
      'b[]': { split: true },
      c: { asRows: true, split: true },
    },
    entities: {
      empty: { keyPrefix: 'NULL' },
      quotes: { keyPrefix: '"' },
      long: { attribute: 'a', equals: '' },
    },
  },
};

describe('any item, reassembled from the tables it was loaded into', () => {
  const harness = withHarness();

  test.each(Object.keys(MAPPINGS))('equals the source item: %s', async (name) => {
    const seed = fc.sample(fc.integer(), 1)[0] as number;
    const mapping = Mapping.parse(MAPPINGS[name]);
    const items = generated(seed);
    const { fitting, manifest, schema } = await load(items, mapping);
    const found = await itemsInWarehouse(harness, schema, manifest, HOSTILE_KEY);
    // Only the name of an entry that becomes a row can be one that VARCHAR does not hold.
    expect(fitting.length).toBeGreaterThanOrEqual(mapping.maxDepth === 3 ? ITEMS / 2 : ITEMS);
    expect([`seed ${seed}`, found.size]).toEqual([`seed ${seed}`, fitting.length]);
    for (const item of fitting) {
      const [pk, sk] = [textOf(item['p.k']), textOf(item.sk)];
      const expected = plainMap(item) as Map<string, Plain>;
      // A key stays text even if it reads as a time.
      expected.set('p.k', pk);
      const key = JSON.stringify([pk, sk]);
      expect([`seed ${seed}`, key, found.get(key)]).toEqual([`seed ${seed}`, key, expected]);
    }
  });

  /** The items of many small tables as items of one table: a number makes their keys unique. */
  function generated(seed: number): Item[] {
    const items = fc.sample(alikeItems, { seed, numRuns: ITEMS }).flat().slice(0, ITEMS);
    return items.map((item, i) => ({ ...item, sk: { N: String(i) } }));
  }

  async function load(items: readonly Item[], mapping: Mapping) {
    const table = uniqueName('any');
    const schema = uniqueName('s');
    const key = HOSTILE_KEY;
    const seen = seenOf(items, key, mapping);
    const written = write(items, key, finalLayouts(seen, key), mapping);
    expect(written.odd).toEqual([]);
    const rejected = new Set(written.rejected.map(({ item }) => item));
    const files: PartFile[] = [];
    const layouts: Record<string, Layout> = {};
    for (const { layout, text, rows } of written.files) {
      if (rows === 0) continue;
      const id = layoutId({ ...layout, nullText: NULL_TEXT }, key);
      const part = new PartBuffer('zstd');
      part.append(text, rows);
      const body = await part.finish();
      const objectKey = `any-item/${schema}/${id}.csv.zst`;
      const etag = await harness.store.put(objectKey, body);
      files.push({
        key: objectKey,
        etag,
        table: layout.table,
        layout: id,
        rows,
        bytes: body.byteLength,
        rawBytes: Buffer.byteLength(text),
      });
      layouts[id] = layout;
    }
    const { definition } = harness.define(table);
    const plan: Plan = {
      version: 1,
      pipeline: 'any',
      run: 'any',
      owner: { workflowId: 'any', firstExecutionRunId: 'any' },
      plannedAt: '2026-01-01T00:00:00Z',
      definition: { ...definition, mapping },
      source: { tableName: table, key, approximateItems: 0, approximateBytes: 0 },
      segments: 1,
      layouts: [],
    };
    const observation = {
      pipeline: 'any',
      by: 'any',
      at: plan.plannedAt,
      whole: true,
      tableName: table,
      key,
      seen,
      layouts: Object.values(layouts),
      mapping,
    };
    const rejectReasons = rejected.size === 0 ? {} : { 'set aside': rejected.size };
    const checkpoint: Checkpoint = {
      version: 2,
      run: 'any',
      segment: 0,
      number: 1,
      attempt: 'any',
      pages: 1,
      items: items.length,
      readUnits: 0,
      startedAt: plan.plannedAt,
      endedAt: plan.plannedAt,
      layouts,
      files,
      rejectReasons,
      seen,
    };
    const manifest = buildManifest({
      plan,
      checkpoints: [checkpoint],
      seen,
      oddFiles: [],
      oddRejects: { rejects: [], rejectReasons: {} },
      layouts: new Map(Object.entries(layouts)),
      sealedAt: plan.plannedAt,
      agreed: agree(undefined, observation, 0),
    });
    await harness.sql(`CREATE SCHEMA "${schema}"`);
    const statements: string[] = [];
    for (const each of manifest.tables) {
      statements.push(createTable(schema, each));
      for (const [layout, columns] of Object.entries(each.layouts)) {
        const manifestKey = `any-item/${schema}/${layout}.manifest`;
        const ofLayout = each.files.filter((file) => file.layout === layout);
        const { bucket } = testStack().s3;
        await harness.store.put(manifestKey, copyManifestBody(bucket, ofLayout));
        const copy = { schema, table: each.name, columns, bucket, manifestKey, compression: 'zstd' as const };
        const { iamRole } = definition.warehouse;
        statements.push(copySql({ ...copy, iamRole, nullText: NULL_TEXT }));
      }
    }
    for (const some of batches(statements)) await harness.sql(...some);
    return { fitting: items.filter((item) => !rejected.has(item)), manifest, schema };
  }
});

const textOf = (value: AttributeValue | undefined) => Object.values(value ?? {})[0] as string;
