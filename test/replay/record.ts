/**
 * `npm run record-histories`: runs every workflow on the real parts and keeps its history under
 * test/replay/<version>/. Later, tests replay it on their own code. Run it once per release, on that release's code: a
 * history recorded from the code under test proves nothing.
 *
 * `--changes` and `--datasets` add those of the workflows of changes and of datasets to a version that is not released yet, and has
 * none. Until it is released, they may be deleted and recorded again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createTable, loadItems, nobelItems } from '../../local/demo/nobel.ts';
import type { TableSource } from '../../src/clients/table-source.ts';
import {
  loadWorkflowId,
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  segmentWorkflowId,
} from '../../src/contract/refresh.ts';
import { BrokenSegments } from '../integration/pipeline/broken-segments.ts';
import { Harness, uniqueName } from '../integration/pipeline/harness.ts';
import { until } from '../integration/pipeline/until.ts';
import { startSharedStack, stopSharedStack } from '../integration/setup/shared-stack.ts';
import { recordChanges } from './record-changes.ts';
import { recordDatasets } from './record-datasets.ts';
import { recordLoader } from './record-loader.ts';
import { type RecordedHistory, withoutTraces } from './recorded-history.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const directory = `${root}test/replay/${version}/`;

/** What is added to a version that has histories of everything else. */
const ADDED = [
  { option: '--changes', first: 'follow-changes', record: recordChangesAlone },
  { option: '--datasets', first: 'refresh-graph', record: () => recordDatasets(harness, record) },
];
const added = ADDED.find(({ option }) => process.argv.includes(option));
refuseUnreleased();
// With the production profiles, as in the release.
await startSharedStack();
const harness = new Harness();
try {
  await harness.open();
  await (added?.record ?? recordAll)();
} finally {
  await harness.close();
  await stopSharedStack();
}
execFileSync(process.execPath, [
  `${root}node_modules/@biomejs/biome/bin/biome`,
  'format',
  '--write',
  directory,
]);

/** Exits unless the code is that of a version just released. */
function refuseUnreleased(): void {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const first = added === undefined ? directory : `${directory}${added.first}.json`;
  const wrong = existsSync(first)
    ? `test/replay/${version} exists: the histories of a version are recorded only once. Raise the version in package.json first.`
    : git('status', '--porcelain', '--', 'src') !== ''
      ? 'src has uncommitted changes: record histories from released code.'
      : git('tag', '--points-at', 'HEAD', `v${version}`) === '' && !process.argv.includes('--untagged')
        ? `HEAD is not tagged v${version}. If the tag does not exist yet, pass --untagged.`
        : undefined;
  if (wrong === undefined) return;
  process.stderr.write(`${wrong}\n`);
  process.exit(2);
}

async function recordAll(): Promise<void> {
  const table = uniqueName('nobel');
  await createTable(harness.dynamodb, table);
  await loadItems(harness.dynamodb, table, nobelItems());
  const source = new BrokenSegments(harness.dependencies.source, [2]);
  const stop = await harness.startWorkers();
  const { pipeline, definition } = harness.define(table, { source: { segments: 3 } });

  const nobel = await harness.start({ pipeline, definition });
  await nobel.result();
  await record('refresh-nobel', nobel.workflowId);
  await record('extract-segment', segmentWorkflowId(nobel.workflowId, 0));
  await record('load-table', loadWorkflowId(nobel.workflowId, table));

  const extracted = await harness.start({ pipeline, to: 'extract' });
  const { run } = await extracted.result();
  await record('refresh-to-extract', extracted.workflowId);
  const rest = await harness.start({ pipeline, run, from: 'seal' });
  await rest.result();
  await record('refresh-from-seal', rest.workflowId);

  const failing = await harness.start({ pipeline: harness.define('no-such-table').pipeline });
  await failing.result().catch(() => {});
  await record('refresh-that-failed', failing.workflowId);

  await recordOf('rollbackWarehouse', 'rollback', { pipeline });
  await recordOf('listBackups', 'list-backups', { pipeline });
  await recordOf('pruneRuns', 'prune-runs', { pipeline, keep: 1 });
  await recordOf('checkPipeline', 'check-pipeline', { pipeline });
  await recordOf('planPipeline', 'plan-pipeline', { pipeline });
  await recordOf('removeLeftovers', 'remove-leftovers', { pipeline, leftovers: [] });
  const inference = await recordOf('inferSchema', 'infer-schema', { pipeline });
  await record('infer-segment', segmentWorkflowId(inference, 0));
  await recordLoader(harness, record);
  await recordChanges(harness, record);
  await stop();
  await recordDatasets(harness, record);
  await recordBroken(source, table);
}

async function recordChangesAlone(): Promise<void> {
  const stop = await harness.startWorkers();
  await recordChanges(harness, record);
  await stop();
}

/** A segment that fails permanently and is retried, so that its run completes; and a run that is cancelled while it waits. */
async function recordBroken(source: BrokenSegments & TableSource, table: string): Promise<void> {
  const stop = await harness.startWorkers({ ...harness.dependencies, source });
  const { pipeline } = harness.define(table, { source: { segments: 3 } });
  const waiting = async () => {
    const handle = await harness.start({ pipeline });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    return handle;
  };
  const cancelled = await waiting();
  await cancelled.cancel();
  await cancelled.result().catch(() => {});
  await record('refresh-cancelled-while-waiting', cancelled.workflowId);

  const retried = await waiting();
  const segment = segmentWorkflowId(retried.workflowId, 2);
  await record('extract-segment-that-failed', segment);
  source.fix();
  await retried.executeUpdate(RETRY_SEGMENT, { args: [2] });
  await retried.result();
  await record('refresh-with-a-retried-segment', retried.workflowId);
  await stop();
}

async function recordOf(type: string, name: string, input: object): Promise<string> {
  const workflowId = uniqueName(name);
  await harness.client.workflow.execute(type, { taskQueue: 'tributary', workflowId, args: [input] });
  await record(name, workflowId);
  return workflowId;
}

async function record(name: string, workflowId: string): Promise<void> {
  const history = await harness.client.workflow.getHandle(workflowId).fetchHistory();
  const { namespace } = harness;
  const recorded: RecordedHistory = {
    ...{ version, workflowId, namespace },
    history: JSON.parse(historyToJSON(history)),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}${name}.json`, `${JSON.stringify(withoutTraces(recorded))}\n`);
  process.stderr.write(`${name}: ${history.events?.length} events\n`);
}
