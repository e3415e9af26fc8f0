import { expect, test } from '@jest/globals';
import { command } from '../../cli/command-line.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

const PROJECTED =
  /datasets\.monthly_stats\.store\.catalogue: The table .*monthly_stats .*partition projection/s;

const harness = withHarness();

const transaction = (id: number, day: string, amount: string) => ({
  ...{ id, account: 1, day, kind: 'credit', amount, balance: amount },
});

test('derived datasets are tables of the catalogue, too', async () => {
  const database = uniqueName('db');
  const days = { from: '2026-01-31', until: '2026-02-01' };
  const graph = new KnownGraph(harness, days, { catalogue: { kind: 'glue', database } });
  const stop = await harness.startWorkers(graph.dependencies);
  try {
    const catalogue = graph.dependencies.catalogue(undefined);
    const partitions = async (table: string) => {
      const found: Record<string, string> = {};
      for await (const { values, location } of catalogue.partitions({ database, table }))
        found[values.join()] = /\/gen-\d+/.exec(location)?.[0] ?? location;
      return found;
    };
    await graph.put('a.gz', [transaction(1, '2026-01-31', '1.00'), transaction(2, '2026-02-01', '2.00')]);
    const now = '2026-02-02T12:00:00Z';
    expect((await graph.run({ now })).unfinished).toEqual([]);
    const once = (...values: string[]) => Object.fromEntries(values.map((each) => [each, '/gen-00001']));
    expect(await partitions('transactions')).toEqual(once('2026-01-31', '2026-02-01'));
    expect(await partitions('daily_stats')).toEqual(once('2026-01-31', '2026-02-01'));
    expect(await partitions('monthly_stats')).toEqual(once('2026-01', '2026-02'));
    expect(await catalogue.table({ database, table: 'monthly_stats' })).toMatchObject({
      columns: [{ name: 'account' }, { name: 'credits', type: 'decimal(18,2)' }, {}, {}],
      partitionKeys: [{ name: 'month', type: 'string' }],
    });

    // A table of others costs only itself.
    const address = { database, table: 'daily_stats' };
    const foreign = { values: ['2020-01-01'], location: 's3://lake/x/', columns: [], parameters: {} };
    await catalogue.createPartitions(address, [foreign]);
    await graph.put('b.gz', [transaction(3, '2026-02-01', '4.00')]);
    expect((await graph.run({ now })).unfinished).toMatchObject([
      { dataset: 'daily_stats', partition: 'catalogue', reason: expect.stringContaining('CatalogueForeign') },
    ]);
    expect((await partitions('daily_stats'))['2026-02-01']).toBe('/gen-00001');
    expect(await partitions('monthly_stats')).toEqual({ '2026-01': '/gen-00001', '2026-02': '/gen-00002' });

    // Before a run, the check of the configuration finds a table that it would refuse.
    await catalogue.deletePartitions(address, [foreign.values]);
    const ours = { database, table: 'monthly_stats' };
    const sound = await command(['config', 'check'], graph.environment);
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    const table = await catalogue.table(ours);
    const parameters = { ...table?.parameters, 'projection.enabled': 'true' };
    await catalogue.updateTable(ours, { ...(table as NonNullable<typeof table>), parameters });
    const checked = await command(['config', 'check'], graph.environment);
    expect(checked).toMatchObject({ code: 2, stderr: expect.stringMatching(PROJECTED) });
  } finally {
    await stop();
  }
});
