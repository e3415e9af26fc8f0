import { ACCESS_RECORDS, accessFiles } from '../../../local/demo/access-records.ts';
import { datasetWorkflowId, type RefreshDatasetResult } from '../../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { datasetPlace } from '../../store/datasets/dataset-place.ts';
import { askDatasets, queriedSource } from '../datasets/ask-datasets.ts';
import { datasetHere, moduleFile } from '../datasets/datasets-here.ts';
import { newRunName } from '../temporal/run-name.ts';
import { connectTemporal } from '../temporal/temporal-connection.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { CONFIG_FILE, type DemoStack } from './demo-stack.ts';
import { done, say, sayQuery } from './lines.ts';

/** The dataset of local/demo/tributary.yaml. */
const DATASET = 'access_records';
const PREFIX = 'accessRecord/records/';

const REQUESTS_BY_CLIENT = `\
SELECT record_date, client, COUNT(*) AS requests, CAST(MEDIAN(elapse_ms) AS BIGINT) AS median_ms
FROM access_records
WHERE record_date >= '2026-11-02'
GROUP BY ALL
ORDER BY record_date, requests DESC`;

/**
 * The third act: gzipped JSON arrives in S3, one file twice. A record module makes typed rows of it, by the records' own day, in Parquet;
 * and DuckDB on this machine answers a query over it.
 */
export async function queryRecords(stack: DemoStack, signal: AbortSignal, colours: Palette): Promise<void> {
  const { addresses, store } = stack;
  say('', colours.bold('Raw JSON in S3 as a table: typed, by day, in Parquet'), '');
  const files = accessFiles();
  const since = Date.now();
  for (const { key, body } of files) await store.put(`${PREFIX}${key}`, body, { signal });
  done(
    colours,
    `${counted(files.length, 'file')} of access records dropped: one twice, and one with a damaged record`,
    since,
  );
  const definition = await datasetHere(DATASET, CONFIG_FILE);
  const client = await connectTemporal({ ...addresses.temporal, from: 'the demo' });
  try {
    const began = Date.now();
    const result = (await client.workflow.execute('refreshDataset', {
      ...{ workflowId: datasetWorkflowId(DATASET, newRunName()), taskQueue: CONTROL_TASK_QUEUE },
      args: [{ dataset: DATASET }],
    })) as RefreshDatasetResult;
    const { records, rejects, partitions } = result;
    done(
      colours,
      `${counted(records, 'record')} read, ${counted(rejects, 'record')} set aside with the reason, ${counted(partitions, 'partition')} published`,
      began,
    );
    say(`  ${colours.dim(`${TRIBUTARY} dataset rejects ${DATASET}`)}`);
  } finally {
    await client.connection.close();
  }
  const { files: place } = datasetPlace(definition, { store: () => store });
  const dataset = await queriedSource(definition, place, moduleFile(definition, CONFIG_FILE));
  const ask = (sql: string) =>
    askDatasets(sql, { [DATASET]: dataset }, signal, async (answer) => {
      const rows = [];
      for await (const block of answer) for (const row of block.rows) rows.push(row.map(String));
      return rows;
    });
  const [[found] = []] = await ask(`SELECT COUNT(*) FROM ${DATASET}`);
  if (Number(found) !== ACCESS_RECORDS)
    throw new Error(`${DATASET} has ${found} rows; expected ${ACCESS_RECORDS}.`);
  done(
    colours,
    `${DATASET} has ${counted(ACCESS_RECORDS, 'row')}: the file that arrived twice is there once`,
  );
  const rows = await ask(REQUESTS_BY_CLIENT);
  const right = { align: 'right' as const };
  const columns = [
    { title: 'record_date' },
    { title: 'client' },
    { title: 'requests', ...right },
    { title: 'median_ms', ...right },
  ];
  sayQuery(colours, REQUESTS_BY_CLIENT, textTable(columns, rows, colours.dim));
}
