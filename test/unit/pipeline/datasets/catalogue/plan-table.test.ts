import { describe, expect, test } from '@jest/globals';
import type {
  FoundTable,
  TableDefinition,
} from '../../../../../src/pipeline/datasets/catalogue/catalogue-table.ts';
import { planTable } from '../../../../../src/pipeline/datasets/catalogue/plan-table.ts';

const address = { database: 'lake', table: 'requests' };
const wanted: TableDefinition = {
  columns: [
    { name: 'id', type: 'string', comment: 'The id.' },
    { name: 'price', type: 'decimal(10,2)' },
  ],
  partitionKeys: [{ name: 'day', type: 'date' }],
  location: 's3://lake/requests/',
  parameters: { classification: 'parquet', 'tributary.dataset': 'requests' },
};
const found = (more: Partial<FoundTable> = {}): FoundTable => ({
  ...wanted,
  version: '3',
  others: {},
  ...more,
});
const refusal = (table: FoundTable, definition = wanted) => {
  const plan = planTable(address, definition, table);
  if (plan.kind !== 'refuse') throw new Error(plan.kind);
  return plan.refusal;
};

describe('a table in the catalogue', () => {
  test('is created if it is missing, and kept if it is as it is to be', () => {
    expect(planTable(address, wanted, undefined)).toEqual({ kind: 'create', table: wanted });
    expect(planTable(address, wanted, found()).kind).toBe('keep');
  });

  test('gets new columns at its end, and new comments; what else it has stays', () => {
    const before = found({
      columns: [
        { name: 'price', type: 'DECIMAL(10, 2)', comment: 'as someone wrote it' },
        { name: 'gone', type: 'bigint' },
      ],
      parameters: { classification: 'parquet', 'tributary.dataset': 'earlier name', owner_team: 'web' },
    });
    expect(planTable(address, wanted, before)).toEqual({
      kind: 'update',
      table: {
        ...before,
        columns: [
          { name: 'price', type: 'decimal(10,2)' },
          { name: 'gone', type: 'bigint' },
          { name: 'id', type: 'string', comment: 'The id.' },
        ],
        parameters: { ...wanted.parameters, owner_team: 'web' },
      },
    });
  });

  test('with a changed comment only is updated', () => {
    const columns = [{ name: 'id', type: 'string' }, wanted.columns[1]!];
    expect(planTable(address, wanted, found({ columns })).kind).toBe('update');
  });

  test('with partition projection is refused, even one of ours', () => {
    const projected = found({ parameters: { ...wanted.parameters, 'projection.enabled': 'TRUE' } });
    expect(refusal(projected)).toEqual({
      code: 'CatalogueProjected',
      message: expect.stringMatching(/lake\.requests .*Nothing was changed.*coming-from-a-glue-job\.md/),
    });
  });

  test('of others, or of another dataset, is refused', () => {
    expect(refusal(found({ parameters: {} }))).toMatchObject({
      code: 'CatalogueForeign',
      message: expect.stringContaining('was not created by Tributary'),
    });
    expect(refusal(found({ location: 's3://lake/other/' }))).toMatchObject({
      code: 'CatalogueForeign',
      message: expect.stringContaining('belongs to dataset requests in s3://lake/other/'),
    });
  });

  test.each([
    ['decimal(12,2)', 'column price was decimal(12,2), now decimal(10,2)'],
    ['decimal(10,3)', 'column price was decimal(10,3), now decimal(10,2)'],
    ['double', 'column price was double, now decimal(10,2)'],
  ])('with %s for a decimal(10,2) is refused', (type, difference) => {
    const refused = refusal(found({ columns: [wanted.columns[0]!, { name: 'price', type }] }));
    expect(refused.code).toBe('CatalogueTypesDiffer');
    expect(refused.message).toContain(difference);
    expect(refused.message).toContain('set another table in store.catalogue, and rebuild all days');
  });

  test('with other partition columns is refused, also if a column becomes one', () => {
    const hours = [{ name: 'hour', type: 'string' }];
    expect(refusal(found({ partitionKeys: hours })).message).toContain(
      'the partition columns were hour string, now day date',
    );
    const day = { name: 'day', type: 'date' };
    expect(refusal(found({ columns: [...wanted.columns, day] })).code).toBe('CatalogueTypesDiffer');
  });
});
