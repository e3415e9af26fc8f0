import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Item, loadItems } from '../../../local/demo/load-items.ts';
import type { RefreshInput } from '../../../src/contract/refresh.ts';
import type { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { manifestKey, planKey, reportKey } from '../../../src/pipeline/run/run-directory.ts';
import {
  currentSchemaKey,
  nameClaimsKey,
  schemaHistoryDirectory,
} from '../../../src/pipeline/run/schema-directory.ts';
import { AgreedSchema } from '../../../src/pipeline/schema/agreed-schema.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { Operator } from './operator.ts';
import { withHarness } from './with-harness.ts';

const key = (n: number) => ({ pk: { S: `p${n}` }, sk: { S: 's' } });
const some = (attributes: (n: number) => Item, count = 20, from = 0): Item[] =>
  Array.from({ length: count }, (_, i) => ({ ...key(from + i), ...attributes(from + i) }));

describe('runs with drift between them', () => {
  const harness = withHarness();
  const operator = new Operator(harness);

  beforeAll(async () => {
    await harness.startWorkers();
  });

  /** A pipeline from a new table with these items. */
  async function pipelineOf(items: Item[], overrides: object = {}) {
    const table = uniqueName('drift');
    await harness.createTable(table, items);
    const defined = harness.define(table, { source: { segments: 2 } });
    Object.assign(defined.definition, overrides);
    return { table, ...defined };
  }
  const asked = ({ pipeline, definition }: TestPipeline) => ({ pipeline, definition });
  const refresh = async (input: RefreshInput) => (await harness.start(input)).result();
  const read = async (at: string) => JSON.parse(Buffer.from((await harness.store.get(at))!.body).toString());
  const placeOf = ({ pipeline, definition }: TestPipeline) => ({
    pipeline,
    prefix: definition.staging.prefix,
  });
  const schemaOf = async (of: TestPipeline) => AgreedSchema.parse(await read(currentSchemaKey(placeOf(of))));
  const historyOf = async (of: TestPipeline) => {
    const revisions: number[] = [];
    for await (const { key: at } of harness.store.list(schemaHistoryDirectory(placeOf(of)))) {
      revisions.push(AgreedSchema.parse(await read(at)).revision);
    }
    return revisions;
  };
  const columnsOf = async (schema: string, table: string) => {
    const rows = await harness.sql(
      'SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale ' +
        `FROM svv_columns WHERE table_schema = '${schema}' AND table_name = '${table}' ORDER BY ordinal_position`,
    );
    return rows.map((row) => `${row.column_name} ${row.data_type}`);
  };

  test('keep names and order, widen types, keep grants, and say what changed', async () => {
    const pipeline = await pipelineOf(
      some((n) => ({ amount: { N: String(n) }, gone: { S: 'x' }, tags: { L: [{ S: 'a' }] } })),
    );
    const { table, schema } = pipeline;
    const first = await refresh(asked(pipeline));
    expect(first).toMatchObject({
      status: 'replaced',
      drift: { revision: 1, newColumns: 0, widened: 0, gone: 0 },
    });
    const before = await columnsOf(schema, table);
    expect(before.map((column) => column.split(' ')[0])).toEqual([
      'pk',
      'sk',
      'amount',
      'gone',
      'tags__count',
    ]);
    await harness.sql(`CREATE USER "${schema}_reader" PASSWORD DISABLE`);
    await harness.sql(`GRANT USAGE ON SCHEMA "${schema}" TO "${schema}_reader"`);
    await harness.sql(`GRANT SELECT ON "${schema}"."${table}" TO "${schema}_reader"`);

    await loadItems(
      harness.dynamodb,
      table,
      some((n) => ({ amount: { N: `${n}.25` }, Amount: { S: 'meets' }, after: { BOOL: true } })),
    );
    const second = await refresh(asked(pipeline));
    expect(second.drift).toEqual({
      revision: 2,
      newTables: 0,
      newColumns: 2,
      widened: 1,
      retyped: 0,
      renamed: 0,
      gone: 3,
      newlyGone: 3,
      flagged: false,
    });
    const after = await columnsOf(schema, table);
    expect(after.map((column) => column.split(' ')[0])).toEqual([
      ...['pk', 'sk', 'amount', 'gone', 'tags__count'],
      expect.stringMatching(/^amount_[0-9a-f]{8}$/),
      'after',
    ]);
    expect(after[2]).toMatch(/numeric/);
    expect(await harness.tablesOf(schema)).toEqual([table, `${table}__tags`]);
    const rows = await harness.rowsOf(schema, table);
    expect(rows).toHaveLength(20);
    expect(rows.find(({ pk }) => pk === 'p7')).toMatchObject({
      amount: '7.25',
      gone: null,
      tags__count: null,
    });
    const granted = await harness.sql(
      `SELECT privilege_type FROM svv_relation_privileges WHERE namespace_name = '${schema}' ` +
        `AND relation_name = '${table}' AND identity_name = '${schema}_reader'`,
    );
    expect(granted).toEqual([{ privilege_type: 'SELECT' }]);

    const report = await read(reportKey({ ...placeOf(pipeline), run: second.run }));
    expect(report.drift).toMatchObject({
      first: false,
      newColumns: [
        { column: expect.stringMatching(/^amount_/), path: 'Amount' },
        { column: 'after', type: 'BOOLEAN' },
      ],
      widened: [{ column: 'amount', from: 'BIGINT', to: 'DECIMAL(38,2)' }],
      gone: [
        { column: 'gone', runs: 1 },
        { column: 'tags__count', runs: 1 },
        { table: `${table}__tags`, column: 'value', runs: 1 },
      ],
    });

    // A third run, with only the first one's attributes: the names stay.
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ Amount: { S: 'alone' } })),
    );
    const third = await refresh(asked(pipeline));
    expect(third.drift).toMatchObject({ revision: 2, newColumns: 0, widened: 0, gone: 5 });
    expect(await columnsOf(schema, table)).toEqual(after);
    expect(await historyOf(pipeline)).toEqual([1, 2]);
    const { layouts } = await read(planKey({ ...placeOf(pipeline), run: third.run }));
    expect(layouts[0].columns).toContainEqual({ path: 'after', form: 'scalar' });
  });

  test('two concurrent runs never give the same name twice, and the names of both are kept', async () => {
    const pipeline = await pipelineOf(some((n) => ({ n: { N: String(n) } })));
    const { table, schema } = pipeline;
    const early = await (await harness.start({ ...asked(pipeline), to: 'extract' })).result();
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ price: { N: '1' } })),
    );
    const one = await (await harness.start({ ...asked(pipeline), to: 'extract' })).result();
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ Price: { N: '1' } })),
    );
    const other = await (await harness.start({ ...asked(pipeline), to: 'extract' })).result();
    await Promise.all(
      [early, one, other].map(({ run }) =>
        harness
          .start({ ...asked(pipeline), run, from: 'seal', to: 'seal' })
          .then((handle) => handle.result()),
      ),
    );
    // Nothing is agreed on before it is live, but the names are claimed.
    expect(await harness.store.get(currentSchemaKey(placeOf(pipeline)))).toBeUndefined();
    const claimed = async (run: string, path: string) => {
      const { tables } = await read(manifestKey({ ...placeOf(pipeline), run }));
      return tables[0].columns.find((column: { path: string }) => column.path === path)?.name as string;
    };
    const given = { price: await claimed(one.run, 'price'), Price: await claimed(other.run, 'Price') };
    expect(Object.values(given)).toContain('price');
    expect(Object.values(given)).toContainEqual(expect.stringMatching(/^price_[0-9a-f]{8}$/));
    await refresh({ ...asked(pipeline), run: other.run, from: 'prepare' });
    const rows = await harness.rowsOf(schema, table);
    expect(new Set(rows.map((row) => row[given.Price]))).toEqual(new Set(['1']));
    const agreed = async () =>
      (await schemaOf(pipeline)).tables[0]!.columns.map(({ path, name }) => [path, name]);
    expect(await agreed()).toEqual([['Price', given.Price]]);
    // An older run that is replaced on purpose adds what only it has.
    await refresh({ ...asked(pipeline), run: one.run, from: 'prepare', older: true });
    expect(await agreed()).toEqual(
      expect.arrayContaining([
        ['Price', given.Price],
        ['price', given.price],
      ]),
    );
    expect((await read(nameClaimsKey(placeOf(pipeline)))).claims).toEqual([]);
  });

  test('a run that is never replaced leaves nothing in the agreed schema, and repeating a replacement changes nothing', async () => {
    const pipeline = await pipelineOf(some((n) => ({ n: { N: String(n) } })));
    const { table } = pipeline;
    expect(await refresh(asked(pipeline))).toMatchObject({ status: 'replaced', drift: { revision: 1 } });
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ n: { S: 'wrong' }, mistake: { BOOL: true } })),
    );
    const abandoned = await refresh({ ...asked(pipeline), to: 'verify' });
    expect(abandoned.drift).toMatchObject({ revision: 2, newColumns: 1, retyped: 1 });
    expect(await schemaOf(pipeline)).toMatchObject({ revision: 1 });
    await loadItems(
      harness.dynamodb,
      table,
      some((n) => ({ n: { N: String(n) } })),
    );
    const right = await refresh(asked(pipeline));
    expect(right).toMatchObject({ status: 'replaced', drift: { revision: 1, newColumns: 0, retyped: 0 } });
    const schema = await schemaOf(pipeline);
    expect(schema.tables[0]?.columns).toMatchObject([{ name: 'n', type: { type: 'BIGINT' } }]);
    expect((await read(nameClaimsKey(placeOf(pipeline)))).claims).toEqual([]);
    await refresh({ ...asked(pipeline), run: right.run, from: 'replace' });
    expect(await schemaOf(pipeline)).toEqual(schema);
  });

  test('a run that is reset after its seal or its swap claims, and agrees on, the same again', async () => {
    const pipeline = await pipelineOf(some((n) => ({ n: { N: String(n) } })));
    const claims = async () => (await read(nameClaimsKey(placeOf(pipeline)))).claims;
    const again = async (workflowId: string) => {
      await operator.reset(workflowId);
      return harness.client.workflow.getHandle(workflowId).result();
    };
    expect(await refresh(asked(pipeline))).toMatchObject({ status: 'replaced' });
    await loadItems(
      harness.dynamodb,
      pipeline.table,
      some(() => ({ Price: { N: '1' } })),
    );
    const run = uniqueName('r');
    const sealing = await harness.start({ ...asked(pipeline), run, to: 'seal' });
    const sealed = await sealing.result();
    const claimed = await claims();
    expect(claimed).toMatchObject([{ by: run, columns: [{ path: 'Price', name: 'price' }] }]);
    expect(await again(sealing.workflowId)).toMatchObject({ drift: sealed.drift });
    expect(await claims()).toEqual(claimed);
    const replacing = await harness.start({ ...asked(pipeline), run, from: 'prepare' });
    await replacing.result();
    const agreed = await schemaOf(pipeline);
    expect(agreed).toMatchObject({ revision: 2, changedBy: run });
    expect(await again(replacing.workflowId)).toMatchObject({ status: 'replaced' });
    expect(await schemaOf(pipeline)).toEqual(agreed);
    expect(await claims()).toEqual([]);
  });

  test('with onDrift: stop, nothing is replaced until an operator accepts the drift', async () => {
    const pipeline = await pipelineOf(
      some(() => ({ a: { N: '1' } })),
      { onDrift: 'stop' },
    );
    const { table, schema } = pipeline;
    const first = await refresh(asked(pipeline));
    expect(first.status).toBe('replaced');
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ a: { S: 'text' }, b: { N: '1' } })),
    );
    const run = uniqueName('r');
    const stopped = refresh({ ...asked(pipeline), run });
    await expect(stopped).rejects.toMatchObject({
      cause: {
        type: 'SchemaDrifted',
        message: expect.stringMatching(
          /new column .*\.b BIGINT \(b\) because of pk=p\d+, sk=s.*a: BIGINT → VARCHAR\S+ because of pk=p\d+, sk=s.*--from seal --accept-drift/,
        ),
      },
    });
    expect((await schemaOf(pipeline)).revision).toBe(1);
    const [marker] = await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`);
    expect(marker).toEqual({ run: first.run });
    const accepted = await refresh({ ...asked(pipeline), run, from: 'seal', acceptDrift: true });
    expect(accepted).toMatchObject({ status: 'replaced', drift: { newColumns: 1, retyped: 1 } });
    // Drift that was accepted once is part of the agreed schema.
    expect((await refresh(asked(pipeline))).status).toBe('replaced');
  });

  test('with onDrift: report, the result reports the drift', async () => {
    const pipeline = await pipelineOf(
      some(() => ({ a: { N: '1' } })),
      { onDrift: 'report' },
    );
    expect((await refresh(asked(pipeline))).drift?.flagged).toBe(false);
    await loadItems(
      harness.dynamodb,
      pipeline.table,
      some(() => ({ a: { N: '1' }, b: { N: '1' } })),
    );
    expect(await refresh(asked(pipeline))).toMatchObject({
      status: 'replaced',
      drift: { newColumns: 1, flagged: true },
    });
  });

  test('a mapping sets names, types and sort keys; a type that is too narrow stops the run, which --from seal continues', async () => {
    const mapping = {
      columns: { amount: { name: 'total', type: 'DECIMAL(10,2)' }, at: { timestamp: false } },
      tables: { '': { name: 'ledger', distKey: 'pk', sortKey: ['at'] } },
    };
    const pipeline = await pipelineOf(
      some((n) => ({ amount: { N: `${n}.5` }, at: { S: '2026-11-21T07:00:00Z' } })),
      { mapping },
    );
    const { table, schema } = pipeline;
    expect((await refresh(asked(pipeline))).tables).toMatchObject([{ table: 'ledger', rows: 20 }]);
    expect((await harness.rowsOf(schema, 'ledger')).find(({ pk }) => pk === 'p3')).toEqual({
      pk: 'p3',
      sk: 's',
      total: '3.50',
      at: '2026-11-21T07:00:00Z',
    });
    await loadItems(
      harness.dynamodb,
      table,
      some(() => ({ amount: { N: '0.125' } }), 1, 100),
    );
    const tooNarrow = {
      cause: {
        type: 'TypeTooNarrow',
        message: expect.stringContaining('In mapping.columns."amount", set type: "DECIMAL(18,3)"'),
      },
    };
    await expect(refresh(asked(pipeline))).rejects.toMatchObject(tooNarrow);
    // As if the plan's sample had missed the value.
    const typed = (type?: string) => {
      const columns = { ...mapping.columns, amount: { name: 'total', ...(type && { type }) } };
      const definition = { ...pipeline.definition, mapping: { ...mapping, columns } };
      return { pipeline: pipeline.pipeline, definition: definition as unknown as PipelineDefinition };
    };
    const { run } = await refresh({ ...typed(), to: 'extract' });
    await expect(refresh({ ...typed('DECIMAL(10,2)'), run, from: 'seal' })).rejects.toMatchObject(tooNarrow);
    expect(await refresh({ ...typed('DECIMAL(18,3)'), run, from: 'seal' })).toMatchObject({
      status: 'replaced',
    });
    expect((await harness.rowsOf(schema, 'ledger')).find(({ pk }) => pk === 'p100')?.total).toBe('0.125');
  });
});
