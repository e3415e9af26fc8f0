import { describe, expect, it } from '@jest/globals';
import { content, shop, telemetry } from '../../../../examples/three-tables.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';
import { newFile } from '../../../../src/config/proposal-yaml.ts';
import { itemSize } from '../../../../src/pipeline/estimate/item-size.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { proposePipeline, type SampledSource } from '../../../../src/pipeline/proposal/propose-pipeline.ts';

const DESTINATION = {
  bucket: 'runs',
  prefix: 'tributary',
  workgroup: 'local',
  database: 'dev',
  iamRole: 'default',
};

function sampled(table: ReturnType<typeof shop>, more: Partial<SampledSource> = {}): SampledSource {
  const items = table.items as readonly Item[];
  return {
    table: table.name,
    tableName: table.name,
    key: table.key.map(([name, kind]) => ({ name, kind })) as unknown as Key,
    approximateItems: items.length,
    approximateBytes: items.reduce((sum, item) => sum + itemSize(item), 0),
    items,
    readUnits: 10,
    isWhole: true,
    ...more,
  };
}

const rowsOf = (source: SampledSource) =>
  Object.fromEntries(proposePipeline(source).tables.map(({ name, rows }) => [name, rows]));

describe('a pipeline is proposed', () => {
  it('with a table for each kind of item of a single-table design', () => {
    expect(rowsOf(sampled(shop()))).toEqual({
      orders: 200,
      orders__lines: 500,
      customers: 40,
      carts: 25,
      carts__skus: 50,
      products: 8,
    });
  });

  it('with one row per entry of a dictionary', () => {
    expect(rowsOf(sampled(content()))).toMatchObject({ acme_content: 60, acme_content__reactions: 180 });
  });

  it('with the whole table’s rows, if only a part of it was read', () => {
    const source = sampled(telemetry());
    const whole = {
      approximateItems: 120_000,
      approximateBytes: source.approximateBytes * 100,
      isWhole: false,
    };
    expect(rowsOf({ ...source, ...whole })).toEqual({ acme_telemetry: 120_000 });
  });

  it('with half of provisioned capacity as its rate, and segments by size', () => {
    const source = sampled(telemetry(), { readCapacityUnits: 51, approximateBytes: 5 * 1024 ** 3 });
    expect(proposePipeline(source)).toMatchObject({ rate: { unitsPerSecond: 25 }, segments: 20 });
    const large = { approximateBytes: 300 * 1024 ** 2 };
    expect(proposePipeline(sampled(telemetry(), large)).rate.unitsPerSecond).toBe(3000);
    expect(proposePipeline(sampled(telemetry())).rate.unitsPerSecond).toBeUndefined();
  });

  it('with the items that would be set aside', () => {
    const bad: Item = { deviceId: { S: 'x' }, ts: { N: '1' }, text: { S: '\ud800' } };
    const { rejects } = proposePipeline(sampled({ ...telemetry(), items: [bad as never] }));
    expect([...rejects]).toEqual([[expect.stringContaining('surrogate'), 1]]);
  });
});

describe('the file of a proposal', () => {
  const file = (source: SampledSource) =>
    newFile(DESTINATION, [{ name: 'a', schema: 'a', proposal: proposePipeline(source), own: {} }]);

  it.each([shop, telemetry, content])('is valid, and has the mapping that was proposed: %o', (table) => {
    const source = sampled(table());
    const { a } = parseConfig(file(source), 'tributary.yaml').pipelines;
    expect(a?.mapping).toEqual(proposePipeline(source).mapping);
    expect(a).toMatchObject({
      source: { table: source.table },
      staging: { bucket: 'runs' },
      destinations: { warehouse: { definition: { warehouse: { schema: 'a' } } } },
    });
  });

  it('is valid whatever attributes and keys are called', () => {
    const odd = [
      'null',
      'a: b',
      '# x',
      "it's",
      '"',
      'line\nfeed',
      'yes',
      '- a',
      'Ünï',
      '{}',
      '__proto__',
      '%',
    ];
    const items = odd.flatMap((name, kind) =>
      Array.from(
        { length: 30 },
        (_, n): Item => ({
          pk: { S: `${name}#${kind}#${n}` },
          kind: { S: name },
          [`${name}At`]: { N: String(1_767_600_000_000 + n) },
          [`${name} map`]: { M: Object.fromEntries([0, 1, 2].map((i) => [`${name}${n}${i}`, { N: '1' }])) },
        }),
      ),
    );
    const table = { name: 'odd', key: [['pk', 'S']] as const, items: items as never };
    const source = sampled(table);
    const { a } = parseConfig(file(source), 'tributary.yaml').pipelines;
    expect(a?.mapping).toEqual(proposePipeline(source).mapping);
    expect(Object.keys(a?.mapping.columns ?? {}).length).toBeGreaterThan(0);
  });
});
