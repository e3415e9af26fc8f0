import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { dropLedger } from '../../../examples/ledger.ts';
import { askDatasets } from '../../../src/cli/datasets/ask-datasets.ts';
import { unfinishedLines } from '../../../src/cli/datasets/graph/unfinished-lines.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { RefreshGraphInput } from '../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { Workflows } from '../../../src/contract/workflows.ts';
import { declaredColumns } from '../../../src/pipeline/datasets/derived/result-columns.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { codeBlocks, inRepository, section, tableRows } from '../../unit/docs/pages.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

const EXAMPLE = inRepository('examples/ledger');
const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');

describe('the example of a ledger', () => {
  const harness = withHarness();
  const prefix = `${uniqueName('ledger')}/`;
  const file = join(harness.directory(), 'tributary.yaml');

  beforeAll(async () => {
    const text = readFileSync(join(EXAMPLE, 'tributary.yaml'), 'utf8')
      .replaceAll('bucket: tributary', `bucket: ${testStack().s3.bucket}`)
      .replaceAll('examples/ledger/', prefix)
      .replaceAll('./', `${EXAMPLE}/`);
    writeFileSync(file, text);
    await harness.startWorkers(
      dependenciesFromEnvironment({ ...harness.environment, TRIBUTARY_CONFIG: file }),
    );
  });

  const started = (type: string) => ({ workflowId: uniqueName(type), taskQueue: CONTROL_TASK_QUEUE });
  const run = (input: RefreshGraphInput = {}) =>
    harness.client.workflow.execute<Workflows['refreshGraph']>('refreshGraph', {
      ...started('graph'),
      args: [input],
    });

  async function statements(): Promise<string[][]> {
    const definition = parseConfig(readFileSync(file, 'utf8'), file).derivedDatasets.statements!;
    const table = {
      files: { store: harness.store, at: { prefix: definition.store.prefix } },
      columns: declaredColumns(definition),
      partitionColumns: [{ name: 'month', type: { kind: 'string' as const } }],
    };
    const sql =
      "SELECT account, owner, credits, debits, net FROM statements WHERE month = '2026-10' ORDER BY account";
    return askDatasets(sql, { statements: table }, new AbortController().signal, async (answer) => {
      const rows: string[][] = [];
      for await (const block of answer) for (const row of block.rows) rows.push(row.map(String));
      return rows;
    });
  }

  test('has the statements that its README shows, and an empty Sunday', async () => {
    expect(await dropLedger(harness.store, { isCorrected: false, prefix })).toBe(10);
    expect(await run()).toMatchObject({
      ...{ built: 1 + 10 + 2 + 2, unfinished: [], totals: { complete: 1 + 10 + 10 + 2 + 2 } },
      publications: [{ publication: 'accounting', number: 1, isNew: true }],
    });
    expect(await statements()).toEqual(tableRows(section(readme, 'Statements of October')));
  });

  test('after the correction, the plan is that of the README, and three partitions are rebuilt', async () => {
    await dropLedger(harness.store, { isCorrected: true, prefix });
    await harness.client.workflow.execute<Workflows['refreshDataset']>('refreshDataset', {
      ...started('dataset'),
      args: [{ dataset: 'transactions' }],
    });
    const plan = await harness.client.workflow.execute<Workflows['planDatasets']>('planDatasets', {
      ...started('plan'),
      args: [{}],
    });
    const [shown] = codeBlocks(readme).filter(({ language }) => language === '');
    expect(unfinishedLines(plan.partitions).join('\n')).toBe(shown?.text);
    expect(await run()).toMatchObject({ built: 3, unchanged: 0, publications: [{ number: 2, isNew: true }] });
    expect((await statements())[2]).toEqual(['3', 'Clarke', '478612.10', '405886.41', '72725.69']);
  });
});
