import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Item, loadItems } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../../src/contract/refresh.ts';
import { planKey } from '../../../src/pipeline/run/run-directory.ts';
import { currentSchemaKey } from '../../../src/pipeline/run/schema-directory.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const key = { pk: { S: 'p' }, sk: { S: 's' } };
const first: Item = { ...key, createdAt: { S: 'x' }, orderLines: { L: [{ M: { unitPrice: { N: '1' } } }] } };
const second: Item = { ...first, created_at: { S: 'y' }, shippedAt: { S: 'z' } };

describe('names', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  async function pipelineOf(item: Item, mapping: object = {}) {
    const table = uniqueName('naming');
    await harness.createTable(table, [item]);
    return { table, ...harness.define(table, { source: { segments: 1 }, mapping: { ...mapping } }) };
  }
  const refresh = async (input: RefreshInput) => {
    const result = await (await harness.start(input)).result();
    expect(result.status).toBe(input.to ?? 'replaced');
    return result;
  };
  const place = ({ pipeline, definition: { staging } }: TestPipeline) => ({ ...staging, pipeline });
  const read = async (at: string) => JSON.parse(Buffer.from((await harness.store.get(at))!.body).toString());
  const rowOf = async (schema: string, table: string) => {
    const [row = {}] = await harness.rowsOf(schema, table);
    return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'pk' && name !== 'sk'));
  };

  test('of a new pipeline are in snake_case, in any script, whether a run or an inference begins it', async () => {
    const item: Item = {
      ...first,
      ÉtatCivil: { S: 'é' },
      ДатаРождения: { S: 'д' },
      नाम: { S: 'न' },
      ユーザーID: { S: '名' },
    };
    const names = {
      created_at: 'x',
      order_lines__count: '1',
      état_civil: 'é',
      дата_рождения: 'д',
      नाम: 'न',
      ユーザー_id: '名',
    };
    const { table, pipeline, schema } = await pipelineOf(item);
    await refresh({ pipeline });
    expect(await rowOf(schema, table)).toEqual(names);
    expect(await rowOf(schema, `${table}__order_lines`)).toEqual({ _pos: '0', unit_price: '1' });

    const inferred = await pipelineOf(item);
    await harness.client.workflow.execute('inferSchema', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('infer') },
      args: [{ pipeline: inferred.pipeline }],
    });
    expect(await read(currentSchemaKey(place(inferred)))).toMatchObject({ naming: 'snake_case' });
    await refresh({ pipeline: inferred.pipeline });
    expect(await rowOf(inferred.schema, inferred.table)).toEqual(names);
  });

  test('of a pipeline that version 0.1.0 began stay lower, until its mapping sets snake_case for new ones', async () => {
    const older = await pipelineOf(first, { naming: 'lower' });
    const { table, pipeline, schema, definition } = older;
    await refresh({ pipeline });
    const at = currentSchemaKey(place(older));
    const { naming, ...agreed } = await read(at);
    expect(naming).toBe('lower');
    await harness.store.put(at, JSON.stringify(agreed));

    await loadItems(harness.dynamodb, table, [second]);
    await refresh({
      pipeline,
      definition: { ...definition, mapping: { ...definition.mapping, naming: undefined } },
    });
    const names = { createdat: 'x', orderlines__count: '1', created_at: 'y', shippedat: 'z' };
    expect(await rowOf(schema, table)).toEqual(names);

    await loadItems(harness.dynamodb, table, [{ ...second, paidAt: { S: 'p' } }]);
    const { mapping } = definition;
    await refresh({ pipeline, definition: { ...definition, mapping: { ...mapping, naming: 'snake_case' } } });
    expect(await rowOf(schema, table)).toEqual({ ...names, paid_at: 'p' });
    expect(await harness.tablesOf(schema)).toEqual([table, `${table}__orderlines`]);
  });

  test('of a run follow its plan, and those of a plan without naming are lower', async () => {
    const planned = await pipelineOf(second);
    const { table, pipeline, schema, definition } = planned;
    const { run } = await refresh({ pipeline, to: 'extract' });
    const lower = { ...definition, mapping: { ...definition.mapping, naming: 'lower' as const } };
    await refresh({ pipeline, definition: lower, run, from: 'seal' });
    const names = Object.keys(await rowOf(schema, table));
    expect(names).toEqual([
      'created_at',
      expect.stringMatching(/^created_at_[0-9a-f]{8}$/),
      'order_lines__count',
      'shipped_at',
    ]);

    const older = await pipelineOf(second);
    const { run: olderRun } = await refresh({ pipeline: older.pipeline, to: 'extract' });
    const at = planKey({ ...place(older), run: olderRun });
    const plan = await read(at);
    expect(plan.definition.mapping.naming).toBe('snake_case');
    plan.definition.mapping.naming = undefined;
    await harness.store.put(at, JSON.stringify(plan));
    await refresh({ pipeline: older.pipeline, run: olderRun, from: 'seal' });
    expect(Object.keys(await rowOf(older.schema, older.table))).toEqual([
      'createdat',
      'created_at',
      'orderlines__count',
      'shippedat',
    ]);
  });
});
