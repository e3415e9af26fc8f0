import { once } from 'node:events';
import { createTable, loadItems, nobelItems } from '../../../local/demo/nobel.ts';
import { refreshWorkflowId } from '../../contract/refresh.ts';
import { watchRun } from '../runs/watch-run.ts';
import { beginRun } from '../temporal/begin-run.ts';
import { newRunName } from '../temporal/run-name.ts';
import { connectTemporal } from '../temporal/temporal-connection.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { count } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { askWarehouse } from './ask-warehouse.ts';
import { type DemoStack, startDemoStack } from './demo-stack.ts';
import { rebuildReports } from './ledger.ts';
import { done, say, sayQuery } from './lines.ts';
import { loadArrivingFiles } from './quakes.ts';
import { COUNT_ROWS, EXPECTED_ROWS, PRIZES_BY_BIRTH_AND_DECADE, UNIVERSITIES_BY_PRIZES } from './queries.ts';
import { decadesTable, universitiesTable } from './query-tables.ts';
import { queryRecords } from './records.ts';

interface DemoOptions {
  /** Keeps the stack until Ctrl-C, to look around. */
  readonly keep: boolean;
  readonly segments: number;
}

const PIPELINE = 'nobel';
const COUNTRIES_SHOWN = 9;

/**
 * Runs everything on real data, on a stack that is removed at the end.
 *
 * 1. Start the stack and one worker.
 * 2. Load the Nobel prizes into DynamoDB.
 * 3. Run the pipeline and watch it.
 * 4. Count the rows of the tables, and run two queries.
 * 5. Drop files into S3, one of them damaged, and have a loader merge them into a table.
 * 6. Drop raw JSON into S3, have a dataset made of it, and query that.
 * 7. Build reports of a ledger, correct one amount, and rebuild what follows from it.
 * 8. With `--keep`, wait for Ctrl-C. Stop the stack.
 */
export async function runDemo({ keep, segments }: DemoOptions): Promise<ExitCode> {
  const colours = paletteFor(process.stdout);
  const interrupt = onInterrupt();
  let stack: DemoStack | undefined;
  try {
    say(colours.bold('The Nobel prizes, from DynamoDB to SQL'), '');
    say(colours.dim('Starting Temporal, DynamoDB, S3, PostgreSQL as Redshift, and a worker …'));
    stack = await startStack(interrupt, colours);
    return await Promise.race([showData(stack, { keep, segments }, interrupt, colours), stack.failed]);
  } catch (error) {
    // Failures are expected while everything is being stopped.
    if (interrupt.signal.aborted) return ExitCode.interrupted;
    throw error;
  } finally {
    if (interrupt.signal.aborted) say('', colours.dim('Stopping …'));
    await stack?.stop();
    interrupt.release();
    const hint = keep || interrupt.signal.aborted ? '' : ` To keep it running: ${TRIBUTARY} demo --keep`;
    say('', colours.dim(`Stopped; nothing is left behind.${hint}`));
  }
}

async function startStack({ signal }: Interrupt, colours: Palette): Promise<DemoStack> {
  const since = Date.now();
  const stack = await startDemoStack((line) => say(colours.dim(`  ${line}`)), signal);
  done(colours, 'Temporal, DynamoDB, S3, SQS, Glue, a local Redshift and a worker are running', since);
  return stack;
}

async function showData(
  stack: DemoStack,
  { keep, segments }: DemoOptions,
  interrupt: Interrupt,
  colours: Palette,
): Promise<ExitCode> {
  await loadTable(stack, colours);
  interrupt.signal.throwIfAborted();
  const code = await runAndWatch(stack, segments, interrupt);
  if (code !== ExitCode.done) return code;
  await countAndQuery(stack, colours);
  interrupt.signal.throwIfAborted();
  await loadArrivingFiles(stack, interrupt.signal, colours);
  await queryRecords(stack, interrupt.signal, colours);
  await rebuildReports(stack, interrupt.signal, colours);
  if (keep) await keepUntilInterrupted(stack, interrupt, colours);
  return interrupt.signal.aborted && !keep ? ExitCode.interrupted : ExitCode.done;
}

async function loadTable({ dynamodb }: DemoStack, colours: Palette): Promise<void> {
  const since = Date.now();
  const items = nobelItems();
  await createTable(dynamodb, PIPELINE);
  await loadItems(dynamodb, PIPELINE, items);
  const laureates = items.filter((item) => item.sk?.S === 'PROFILE').length;
  const prizes = items.length - laureates;
  const what = `${count(items.length)} items: ${count(laureates)} laureates and ${count(prizes)} prizes`;
  done(colours, `DynamoDB table ${PIPELINE} holds ${what}`, since);
}

async function runAndWatch(
  { addresses }: DemoStack,
  segments: number,
  interrupt: Interrupt,
): Promise<ExitCode> {
  const client = await connectTemporal({ ...addresses.temporal, from: 'the demo' });
  try {
    const run = newRunName();
    const workflowId = refreshWorkflowId(PIPELINE, run);
    await beginRun(client, workflowId, { pipeline: PIPELINE, run, segments });
    say('');
    return await watchRun(
      client,
      { workflowId, pipeline: PIPELINE, run, json: false },
      { interrupt, endsWithUs: true },
    );
  } finally {
    await client.connection.close();
  }
}

async function countAndQuery({ warehouse }: DemoStack, colours: Palette): Promise<void> {
  for (const row of await askWarehouse(warehouse, COUNT_ROWS)) {
    const { table, row_count: rows } = row;
    if (Number(rows) === EXPECTED_ROWS[String(table)]) continue;
    throw new Error(`nobel.${table} holds ${rows} rows; expected ${EXPECTED_ROWS[String(table)]}.`);
  }
  const show = (title: string, sql: string, table: string[]) => {
    say('', colours.bold(title));
    sayQuery(colours, sql, table);
  };
  const decades = await askWarehouse(warehouse, PRIZES_BY_BIRTH_AND_DECADE);
  show(
    'Where were the laureates born, and when were they honoured?',
    PRIZES_BY_BIRTH_AND_DECADE,
    decadesTable(decades, COUNTRIES_SHOWN, colours),
  );
  const universities = await askWarehouse(warehouse, UNIVERSITIES_BY_PRIZES);
  show('Where did they work?', UNIVERSITIES_BY_PRIZES, universitiesTable(universities, colours));
}

async function keepUntilInterrupted(
  { addresses }: DemoStack,
  { signal }: Interrupt,
  colours: Palette,
): Promise<void> {
  const { temporal, dynamodb, s3, sqs, glue, redshiftData, postgres } = addresses;
  const row = (name: string, address: string) => `  ${name.padEnd(18)} ${colours.cyan(address)}`;
  say(
    '',
    colours.bold('Look around'),
    '',
    row('Temporal Web UI', temporal.ui),
    row('DynamoDB', dynamodb.endpoint),
    row('S3', `${s3.endpoint}  bucket ${s3.bucket}`),
    row('SQS', sqs.endpoint),
    row('Glue', glue.endpoint),
    row('Redshift Data API', redshiftData.endpoint),
    `  psql ${colours.cyan(postgres.url)}   # to look around; create users and views through the Data API`,
    '',
    'Press Ctrl-C to stop the stack and delete its data.',
  );
  if (!signal.aborted) {
    // A listener alone does not keep a process alive.
    const alive = setInterval(() => {}, 60_000);
    await once(signal, 'abort');
    clearInterval(alive);
  }
}
