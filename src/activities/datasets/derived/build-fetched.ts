import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Terminal, Transient } from '../../../clients/errors.ts';
import type { BuildPartitionInput, BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import type { FromFetch } from '../../../modules/fetch-messages.ts';
import { RecordModule } from '../../../modules/record-module.ts';
import { runFetch } from '../../../modules/run-fetch.ts';
import { responseKey } from '../../../pipeline/datasets/dataset-directory.ts';
import type { FetchedDefinition } from '../../../pipeline/datasets/derived/fetched-definition.ts';
import type { BuildRecord } from '../../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { rowLine } from '../../../pipeline/datasets/parquet/row-line.ts';
import { bareEtag } from '../../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { recordBlocks } from '../../../store/records/record-blocks.ts';
import { checksOf, partitionChecks } from '../partition-checks.ts';
import { usable } from '../record-modules.ts';
import { inStepDirectory } from '../step-directory.ts';
import { type BuildContext, partitionValue } from './build-derived.ts';
import { deriveLines } from './derive-lines.ts';
import { openGraph } from './open-graph.ts';
import { currentPointer, type MadePartition, publishBuilt, tookSince } from './publish-built.ts';
import { keepCode } from './run-function.ts';

interface FetchWork {
  readonly name: string;
  readonly definition: FetchedDefinition;
  readonly value: string;
  readonly partition: string;
  /** The time for which it is fetched, in milliseconds since 1970. */
  readonly ms: number;
  readonly files: DatasetFiles;
}

/**
 * Fetches a partition and publishes it. What was received is kept beside it. If another one is published meanwhile, it may be newer than
 * what was received: it is fetched again.
 * @throws Terminal `ModuleUnusable`, `FetchRefused`, `StepFailed`, `PartitionChecksFailed`; Transient `FetchUnavailable`
 */
export async function buildFetched(
  context: BuildContext,
  { dataset, partition, now }: BuildPartitionInput,
): Promise<BuildPartitionResult> {
  const { deps, newId, signal } = context;
  const graph = await openGraph(deps, [dataset]);
  const definition = graph.fetched[dataset] as FetchedDefinition;
  const value = partitionValue(graph, dataset, definition, partition);
  const files = graph.filesOf(dataset);
  const ms = now === undefined ? deps.nowMs() : Date.parse(now);
  const work = { name: dataset, definition, value, partition, ms, files };
  const place = { deps, files, partition, ms, newId, signal };
  for (;;) {
    const current = await currentPointer(place);
    const published = await inStepDirectory(async (directory) =>
      publishBuilt(place, current, await fetchPartition(context, work, directory)),
    );
    if (published !== undefined) return published;
  }
}

async function fetchPartition(
  context: BuildContext,
  work: FetchWork,
  directory: string,
): Promise<MadePartition> {
  const { deps, signal } = context;
  const beganMs = deps.nowMs();
  const { definition, partition, value } = work;
  const { bundle, file } = await deps.recordModules.bundleOf(definition.fetch);
  const { timezone } = definition.partition;
  const start = { code: bundle, file, partition: value, timezone, secrets: secretsOf(context, definition) };
  const { text, responses } = recordsOf(work, await runFetch(start, definition.limits, signal));
  const { memoryMegabytes, seconds: blockSeconds } = definition.limits;
  const module = await usable(() =>
    RecordModule.load(bundle, { file, timezone, limits: { memoryMegabytes, blockSeconds } }),
  );
  try {
    const columns: readonly TableColumn[] = module.columns.map(({ name, type }) => ({ name, type }));
    const rows = join(directory, 'rows.jsonl');
    await writeRows(work, module, columns, text, rows);
    const checks = partitionChecks(
      await checksOf(
        deps,
        definition,
        columns.map(({ name }) => name),
      ),
      { id: `${work.name} ${value}`, value, timezone, ms: work.ms },
    );
    const { path, content, failedChecks } = await deriveLines(
      deps,
      { path: rows, columns, directory, checks: checks.queries },
      signal,
    );
    const warnings = checks.warningsOf(failedChecks);
    const version = createHash('sha256').update(bundle).digest('hex').slice(0, 32);
    await keepCode(work.files, { version, bundle }, signal);
    return {
      record: {
        ...{
          code: version,
          inputs: [],
          warnings,
          responses: await keep(context, work, partition, responses),
        },
      },
      ...{ columns, path, took: tookSince(deps, beganMs) },
      content: { columnsId: content.columnsId, rows: content.rows, sums: [...content.sums] },
    };
  } finally {
    await module.close();
  }
}

function secretsOf({ deps }: BuildContext, { secrets }: FetchedDefinition): Record<string, string> {
  return Object.fromEntries(
    secrets.map((name) => {
      const value = deps.environmentVariable(name);
      if (value === undefined)
        throw new Terminal('BadEnvironment', `The worker's environment has no ${name}.`);
      return [name, value];
    }),
  );
}

function recordsOf({ name, value }: FetchWork, answer: FromFetch): Extract<FromFetch, { kind: 'records' }> {
  switch (answer.kind) {
    case 'records':
      return answer;
    case 'unavailable':
      throw new Transient('FetchUnavailable', `${name} ${value}: ${answer.message}. It is fetched again.`);
    case 'refused':
      throw new Terminal('FetchRefused', `${name} ${value}: ${answer.message}.`);
    case 'failed':
      throw new Terminal('StepFailed', `${name} ${value}: fetch failed: ${answer.message}.`);
    case 'unusable':
      throw new Terminal('ModuleUnusable', answer.message);
  }
}

/** @throws Terminal `StepFailed` if a record cannot be a row: what is fetched is published whole, or not at all */
async function writeRows(
  { name, value }: FetchWork,
  module: RecordModule,
  columns: readonly TableColumn[],
  text: string,
  path: string,
): Promise<void> {
  const lines = createWriteStream(path);
  try {
    for await (const block of recordBlocks(bytesOf(text))) {
      const { rows, rejects } = await module.read(block);
      const [reject] = rejects;
      if (reject !== undefined)
        throw new Terminal('StepFailed', `${name} ${value}: record ${reject.line}: ${reject.reason}.`);
      const written = rows.map(({ cells }) => rowLine(columns, { cells, input: 0 })).join('');
      if (!lines.write(written)) await once(lines, 'drain');
    }
  } finally {
    lines.end();
    await once(lines, 'close');
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Keeps responses as they were received, each under a key of its own: pruning may be about to delete an earlier one. */
async function keep(
  { newId, signal }: BuildContext,
  { files: { store, at } }: FetchWork,
  partition: string,
  responses: Extract<FromFetch, { kind: 'records' }>['responses'],
): Promise<NonNullable<BuildRecord['responses']>> {
  const kept: NonNullable<BuildRecord['responses']> = [];
  for (const { url, status, body } of responses) {
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const key = responseKey(at, partition, hash, newId());
    const etag = bareEtag(await store.put(key, body, { signal }));
    kept.push({ url, status, key, etag, bytes: body.byteLength });
  }
  return kept;
}
