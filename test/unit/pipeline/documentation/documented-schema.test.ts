import { describe, expect, test } from '@jest/globals';
import { Descriptions } from '../../../../src/pipeline/definition/descriptions.ts';
import { documentedSchema } from '../../../../src/pipeline/documentation/documented-schema.ts';
import { tableFacts } from '../../../../src/pipeline/documentation/table-facts.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { type PureRun, pureRun } from '../run/pure-run.ts';

const key = [{ name: 'id', kind: 'S' as const }];
const mapping = Mapping.parse({ tables: { 'lines[]': { distKey: 'id', sortKey: ['lines[].sku'] } } });
const line = { M: { sku: { S: 'x' }, tags: { L: [{ S: 'red' }] } } };
const items = [
  { id: { S: 'a' }, price: { N: '7' }, lines: { L: [line] } },
  { id: { S: 'b' }, price: { N: '8' }, lines: { L: [] } },
];
const { plan, agreed, manifest } = pureRun(undefined, items, mapping, key, 2) as PureRun;
const input = {
  ...{ pipeline: 'p', agreed, manifest, revisions: [agreed] },
  definition: {
    ...plan.definition,
    descriptions: Descriptions.parse({ tables: { '': 'An order' }, columns: { price: 'In cents' } }),
  },
};

describe('a documented schema', () => {
  test('has the live run’s counts, joins, origins and descriptions', () => {
    const { tables, run } = documentedSchema(input);
    expect(run).toMatchObject({ name: manifest.run, items: 2 });
    expect(tables.map(({ name, rowOf, rows, join }) => ({ name, rowOf, rows, join }))).toEqual([
      { name: 'things', rowOf: 'one row per item', rows: 2, join: undefined },
      {
        name: 'things__lines',
        rowOf: 'one row per member of lines',
        rows: 1,
        join: { table: 'things', on: ['id'] },
      },
      {
        name: 'things__lines__tags',
        rowOf: 'one row per member of lines[].tags',
        rows: 1,
        join: { table: 'things__lines', on: ['id', '_pos'] },
      },
    ]);
    expect(tables[0]?.description).toBe('An order');
    expect(tables[0]?.columns.find(({ name }) => name === 'price')).toMatchObject({
      ...{ origin: 'price', kinds: ['number'], values: 2, description: 'In cents' },
    });
    expect(tables[2]?.columns.map(({ origin }) => origin)).toEqual([
      'id',
      'position in lines, from 0',
      'position in lines[].tags, from 0',
      'lines[].tags[]',
    ]);
  });

  test('is as agreed, without counts, if no run is live', () => {
    const { tables, run } = documentedSchema({ ...input, manifest: undefined });
    expect(run).toBeUndefined();
    const live = documentedSchema(input);
    const names = ({ tables: all }: typeof live) =>
      all.map(({ name, distKey, sortKey, columns }) => [name, distKey, sortKey, columns.map((c) => c.name)]);
    expect(names({ ...live, tables })).toEqual(names(live));
    expect(tables.flatMap(({ rows, columns }) => [rows, ...columns.map(({ values }) => values)])).toEqual(
      expect.not.arrayContaining([expect.anything()]),
    );
  });
});

test('agreed tables say how they are joined, distributed and sorted', () => {
  expect(tableFacts(agreed, mapping).get('lines[]')).toEqual([
    'join things using (id)',
    'distribution key id, sort key sku',
  ]);
  expect(tableFacts(agreed, mapping).get('lines[].tags[]')).toEqual([
    'join things__lines using (id, _pos)',
    'distribution key AUTO, sort key AUTO',
  ]);
  expect(tableFacts(agreed, undefined).get('')).toEqual([]);
});
