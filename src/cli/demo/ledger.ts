import type { Client } from '@temporalio/client';
import {
  CORRECTION,
  correctionFile,
  demoLedger,
  LEDGER_ACCOUNTS,
  ledgerFiles,
} from '../../../local/demo/ledger.ts';
import { decimal } from '../../../local/demo/seeded-ledger.ts';
import { readConfig } from '../../config/read-config.ts';
import { datasetWorkflowId } from '../../contract/datasets/datasets.ts';
import {
  type ExplainedPartition,
  graphWorkflowId,
  isAllBuilt,
  type PlanDatasetsResult,
  type RefreshGraphResult,
} from '../../contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { declaredColumns } from '../../pipeline/datasets/derived/result-columns.ts';
import { graphText } from '../../report/graph/graph-text.ts';
import { askDatasets } from '../datasets/ask-datasets.ts';
import { explanation } from '../datasets/graph/publish-group.ts';
import { pictureOf } from '../datasets/graph/show-graph.ts';
import { unfinishedLines } from '../datasets/graph/unfinished-lines.ts';
import { newRunName } from '../temporal/run-name.ts';
import { connectTemporal } from '../temporal/temporal-connection.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { CONFIG_FILE, type DemoStack } from './demo-stack.ts';
import { done, say, sayQuery } from './lines.ts';

/** Datasets of local/demo/tributary.yaml. */
const DATASETS = ['accounts', 'transactions'];
const PREFIX = 'ledger/';
const MONTH = CORRECTION.day.slice(0, 7);

const LARGEST = `\
SELECT account, owner, credits, debits, net, mean_amount
FROM statements
WHERE month = '${MONTH}'
ORDER BY credits DESC
LIMIT 4`;

/**
 * The fourth act: daily and monthly statistics and statements of a ledger, published together. Then one amount is corrected, and its day,
 * its month and its statements are rebuilt, and nothing else.
 */
export async function rebuildReports(stack: DemoStack, signal: AbortSignal, colours: Palette): Promise<void> {
  const { addresses, store } = stack;
  const ledger = demoLedger();
  const put = (files: ReturnType<typeof ledgerFiles>) =>
    Promise.all(files.map(({ key, body }) => store.put(`${PREFIX}${key}`, body, { signal })));
  say('', colours.bold('Reports that know what must be recomputed, right to the cent'), '');
  const files = ledgerFiles(ledger);
  await put(files);
  const client = await connectTemporal({ ...addresses.temporal, from: 'the demo' });
  try {
    const began = Date.now();
    const first = await run(client);
    done(
      colours,
      `${counted(files.length, 'file')} of a ledger taken, ${counted(first.built, 'partition')} built: statistics and statements`,
      began,
    );
    say('', ...indented(graphText(pictureOf(await plan(client), ''))), '');
    await put([correctionFile(ledger)]);
    await takeFiles(client);
    done(colours, `One amount of ${CORRECTION.day} was corrected. What that changes, and why:`);
    say(`  ${colours.dim(`${TRIBUTARY} dataset plan`)}`);
    say(...unfinishedLines((await plan(client)).partitions).map((line) => `  ${line}`));
    const again = Date.now();
    const { built, publications } = await run(client);
    if (built !== 3)
      throw new Error(`${built} partitions were rebuilt; expected a day, a month and its statements.`);
    const [published] = publications;
    done(
      colours,
      `One day, one month and its statements are rebuilt, nothing else, and published as ${published?.publication}/${published?.number}`,
      again,
    );
    say(`  ${colours.dim(`${TRIBUTARY} dataset explain statements ${MONTH}`)}`);
    say(...indented(explanation(await explain(client))));
  } finally {
    await client.connection.close();
  }
  await compare(stack, ledger, signal, colours);
}

const indented = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);

async function run(client: Client): Promise<RefreshGraphResult> {
  const result = (await client.workflow.execute('refreshGraph', {
    ...{ workflowId: graphWorkflowId('ledger', newRunName()), taskQueue: CONTROL_TASK_QUEUE },
    args: [{ datasets: DATASETS }],
  })) as RefreshGraphResult;
  if (!isAllBuilt(result))
    throw new Error(`Not all reports were built: ${JSON.stringify(result.unfinished)}`);
  return result;
}

const takeFiles = (client: Client) =>
  client.workflow.execute('refreshDataset', {
    ...{ workflowId: datasetWorkflowId('transactions', newRunName()), taskQueue: CONTROL_TASK_QUEUE },
    args: [{ dataset: 'transactions' }],
  });

const plan = (client: Client) =>
  client.workflow.execute('planDatasets', {
    ...{ workflowId: `plan/ledger/${newRunName()}`, taskQueue: CONTROL_TASK_QUEUE },
    args: [{ datasets: DATASETS }],
  }) as Promise<PlanDatasetsResult>;

const explain = (client: Client) =>
  client.workflow.execute('explainPartition', {
    ...{ workflowId: `explain/statements/${newRunName()}`, taskQueue: CONTROL_TASK_QUEUE },
    args: [{ dataset: 'statements', partition: MONTH }],
  }) as Promise<ExplainedPartition>;

/** Every statement of the month is what the ledger itself says. */
async function compare(
  { store }: DemoStack,
  ledger: ReturnType<typeof demoLedger>,
  signal: AbortSignal,
  colours: Palette,
): Promise<void> {
  const { derivedDatasets } = await readConfig(CONFIG_FILE);
  const definition = derivedDatasets.statements!;
  const statements = {
    files: { store, at: { prefix: definition.store.prefix } },
    columns: declaredColumns(definition),
    partitionColumns: [{ name: 'month', type: { kind: 'string' as const } }],
  };
  const ask = (sql: string) =>
    askDatasets(sql, { statements }, signal, async (answer) => {
      const rows: string[][] = [];
      for await (const block of answer) for (const row of block.rows) rows.push(row.map(String));
      return rows;
    });
  const found = await ask(
    `SELECT account, credits, debits FROM statements WHERE month = '${MONTH}' ORDER BY 1`,
  );
  const wanted = [...ledger.totals(MONTH)]
    .toSorted(([a], [b]) => a - b)
    .map(([account, { credits, debits }]) => [String(account), decimal(credits), decimal(debits)]);
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(
      `The statements of ${MONTH} differ from the ledger: ${JSON.stringify({ found, wanted })}`,
    );
  done(colours, `The statements of ${LEDGER_ACCOUNTS} accounts equal the ledger's own totals`);
  const right = { align: 'right' as const };
  const columns = [
    ...[{ title: 'account', ...right }, { title: 'owner' }],
    ...['credits', 'debits', 'net', 'mean_amount'].map((title) => ({ title, ...right })),
  ];
  sayQuery(colours, LARGEST, textTable(columns, await ask(LARGEST), colours.dim));
}
