import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pipelineNameFrom, schemaNameFrom } from '../../../../src/pipeline/definition/derived-names.ts';
import {
  PipelineName,
  WarehouseDefinition,
} from '../../../../src/pipeline/definition/pipeline-definition.ts';

describe('names that follow from a table', () => {
  it.each([
    ['orders', 'orders', 'orders'],
    ['prod-OrderLines', 'prod-order_lines', 'prod_order_lines'],
    ['Prod.Orders.V2', 'prod-orders-v2', 'prod_orders_v2'],
    ['2024_orders', 'orders', 't_2024_orders'],
    ['...', 'pipeline', 't'],
    ['public', 'public', 'public_data'],
    ['pg_stats', 'pg_stats', 'stats_data'],
    [`${'a'.repeat(39)}-b`, 'a'.repeat(39), `${'a'.repeat(39)}_b`],
  ])('%s', (table, pipeline, schema) => {
    expect(pipelineNameFrom(table)).toBe(pipeline);
    expect(schemaNameFrom(table)).toBe(schema);
  });

  it('are always valid', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.-]{3,255}$/), (table) => {
        expect(PipelineName.safeParse(pipelineNameFrom(table)).success).toBe(true);
        expect(WarehouseDefinition.shape.schema.safeParse(schemaNameFrom(table)).success).toBe(true);
      }),
    );
  });
});
