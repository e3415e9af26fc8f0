import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Item } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../../src/contract/refresh.ts';
import { withDestinations } from '../../../src/pipeline/definition/pipeline.ts';
import { observationKey, planKey } from '../../../src/pipeline/run/run-directory.ts';
import { currentSchemaKey } from '../../../src/pipeline/run/schema-directory.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const item = (i: number): Item => ({
  pk: { S: `order#${i}` },
  sk: { S: 's' },
  status: { S: i % 4 === 0 ? 'draft' : 'paid' },
  email: { S: `customer-${i}@example.com` },
  city: { S: ['Ghent', 'Lyon', 'Oslo'][i % 3]! },
  total: { N: String(i) },
  lines: { L: [{ M: { sku: { S: `sku-${i}` } } }, { M: { sku: { S: 'gift' } } }] },
});
const ITEMS = Array.from({ length: 40 }, (_, i) => item(i));
const paid = ITEMS.filter(({ status }) => JSON.stringify(status).includes('paid'));

describe('two destinations of one table', () => {
  const harness = withHarness();
  const table = uniqueName('orders');

  beforeAll(async () => {
    await harness.createTable(table, ITEMS);
    await harness.startWorkers();
  });

  /** The pipeline drops drafts and masks addresses; team b does not get the total, and only what is in Lyon. */
  function define() {
    const { pipeline, schema, definition } = harness.define(table, {
      source: { segments: 2 },
      mapping: {
        where: [{ attribute: 'status', notEquals: 'draft' }],
        columns: { email: { mask: true } },
      },
    });
    const { warehouse, ...shared } = definition;
    const teams = `${schema}_b`;
    harness.definitions.set(
      pipeline,
      withDestinations(shared, {
        warehouse,
        'team-b': {
          ...warehouse,
          schema: teams,
          mapping: {
            where: [{ attribute: 'city', equals: 'Lyon' }],
            columns: { total: { ignore: true }, city: { name: 'place' } },
          },
        },
      }),
    );
    return { pipeline, schema, teams, ...definition.staging };
  }

  const refresh = async (input: RefreshInput) => (await harness.start(input)).result();
  const read = async (key: string) => {
    const object = await harness.store.get(key);
    return object && JSON.parse(Buffer.from(object.body).toString());
  };
  const columnsOf = async (schema: string) =>
    (
      await harness.sql(
        `SELECT column_name FROM svv_columns WHERE table_schema = '${schema}' AND table_name = '${table}' ORDER BY 1`,
      )
    ).map((row) => row.column_name);

  test('are exact, each by its own mapping and with its own agreed schema', async () => {
    const at = define();
    const { pipeline, schema, teams } = at;
    const [whole, part] = await Promise.all([
      refresh({ pipeline, destination: 'warehouse' }),
      refresh({ pipeline, destination: 'team-b' }),
    ]);
    const inLyon = paid.filter(({ city }) => JSON.stringify(city).includes('Lyon'));
    expect(whole).toMatchObject({ status: 'replaced', items: 40, filtered: 40 - paid.length });
    expect(part).toMatchObject({ status: 'replaced', items: 40, filtered: 40 - inLyon.length });

    expect(await columnsOf(schema)).toEqual(expect.arrayContaining(['city', 'email', 'total']));
    expect(await columnsOf(teams)).toEqual(expect.arrayContaining(['email', 'place']));
    expect(await columnsOf(teams)).not.toEqual(expect.arrayContaining(['total']));
    const rowsOf = async (of: string) =>
      (await harness.rowsOf(of, table))
        .map(({ pk, email }) => ({ pk: String(pk), email }))
        .sort((a, b) => (a.pk < b.pk ? -1 : 1));
    const expected = (items: readonly Item[]) =>
      items
        .map(({ pk }) => ({ pk: (pk as { S: string }).S, email: '***' }))
        .sort((a, b) => (a.pk < b.pk ? -1 : 1));
    expect(await rowsOf(schema)).toEqual(expected(paid));
    expect(await rowsOf(teams)).toEqual(expected(inLyon));
    expect(await harness.rowsOf(teams, `${table}__lines`)).toHaveLength(2 * inLyon.length);

    expect((await read(planKey({ ...at, run: part.run }))).definition.destination).toBe('team-b');
    expect((await read(planKey({ ...at, run: whole.run }))).definition).not.toHaveProperty('destination');
    const agreed = await read(currentSchemaKey(at));
    const agreedByTeam = await read(currentSchemaKey({ ...at, destination: 'team-b' }));
    expect(JSON.stringify(agreed)).not.toContain('place');
    expect(JSON.stringify(agreedByTeam)).toContain('"place"');
    expect(agreedByTeam.runs.map(({ run }: { run: string }) => run)).toEqual([part.run]);
  });

  test('a run that is resumed is for the destination that it was planned for', async () => {
    const at = define();
    const { pipeline, teams } = at;
    const { run } = await refresh({ pipeline, destination: 'team-b', to: 'seal' });
    await expect(refresh({ pipeline, run, from: 'prepare', destination: 'warehouse' })).rejects.toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({
          type: 'BadInput',
          message: expect.stringContaining(
            `Run ${run} of ${pipeline} is for destination team-b, not warehouse`,
          ),
        }),
      }),
    );
    expect(await refresh({ pipeline, run, from: 'prepare' })).toMatchObject({ status: 'replaced' });
    expect(await harness.rowsOf(teams, table)).not.toEqual([]);
    expect(await read(observationKey({ ...at, run }))).toBeDefined();
  });

  test('pruning one of them keeps the runs of the other', async () => {
    const at = define();
    const { pipeline } = at;
    const { run: ofTeam } = await refresh({ pipeline, destination: 'team-b' });
    const older = await refresh({ pipeline, destination: 'warehouse' });
    const before = await refresh({ pipeline, destination: 'warehouse' });
    const live = await refresh({ pipeline, destination: 'warehouse' });
    const pruned = await harness.client.workflow.execute('pruneRuns', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('prune'),
      args: [{ pipeline, destination: 'warehouse', keep: 1 }],
    });
    expect(pruned).toMatchObject({
      deleted: [{ run: older.run }],
      kept: expect.arrayContaining([expect.objectContaining({ run: live.run })]),
    });
    expect(await read(planKey({ ...at, run: ofTeam }))).toBeDefined();
    expect(await read(planKey({ ...at, run: before.run }))).toBeDefined();
  });

  test('one must be named', async () => {
    const { pipeline } = define();
    await expect(refresh({ pipeline })).rejects.toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({
          type: 'WhichDestination',
          message: expect.stringContaining('Name one of them: warehouse, team-b.'),
        }),
      }),
    );
  });
});
