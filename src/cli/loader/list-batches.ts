import { bytesOf } from '../../pipeline/loader/source-file.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { byteSize, count, counted, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';
import { filesWithoutTemporal, loadersHere, tableOf } from './loaders-here.ts';
import { batchNumbers, openBatches, readBatches, type StoredBatch } from './stored-batches.ts';

export interface ListBatchesOptions {
  readonly parked?: boolean;
  readonly all?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

const SHOWN = 20;
const REASON_WIDTH = 70;

/** Lists batches from S3, the newest first. Neither Temporal nor a worker is needed. */
export async function listBatches(name: string, options: ListBatchesOptions): Promise<ExitCode> {
  const { config, parked = false, all = false, json = false } = options;
  const files = filesWithoutTemporal(tableOf(await loadersHere(config), name, config), config);
  const { signal } = new AbortController();
  const limit = options.limit ?? (all || parked ? Number.POSITIVE_INFINITY : SHOWN);
  let found: readonly StoredBatch[];
  let total: number;
  if (parked) {
    const open = (await openBatches(files, signal)).filter(({ state }) => state === 'parked').toReversed();
    total = open.length;
    found = open.slice(0, limit);
  } else {
    const numbers = await batchNumbers(files, signal);
    total = numbers.length;
    found = await Array.fromAsync(readBatches(files, numbers.slice(0, limit), signal));
  }
  const lines = json
    ? found.map((batch) => JSON.stringify(batchJson(batch)))
    : batchLines(name, { batches: found, total, parked }, paletteFor(process.stdout));
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.done;
}

export function batchLines(
  name: string,
  shown: { readonly batches: readonly StoredBatch[]; readonly total: number; readonly parked: boolean },
  colours: Palette,
): string[] {
  const { batches, total, parked } = shown;
  if (batches.length === 0)
    return [parked ? `No batch of ${name} is parked.` : `${name} has no batches yet.`];
  const table = textTable(
    [
      { title: 'batch', align: 'right' },
      { title: 'state' },
      { title: 'created' },
      { title: 'by' },
      { title: 'files', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'what happened' },
    ],
    batches.map(({ number, state, batch, ...rest }) => [
      String(number),
      state === 'parked' ? colours.red(state) : state,
      instant(new Date(batch.createdAt)),
      batch.reason,
      count(batch.files.length),
      byteSize(bytesOf(batch.files)),
      clipped(asTypedHere(outcomeOf({ number, state, batch, ...rest })), REASON_WIDTH),
    ]),
    colours.dim,
  );
  return [
    ...table,
    ...(total > batches.length ? ['', colours.dim(`and ${count(total - batches.length)} more: --all`)] : []),
    '',
    colours.dim(
      `The files of one, each with its outcome: ${TRIBUTARY} loader files ${name} --batch <n>${WITH_CONFIG}`,
    ),
  ];
}

/** What happened to a batch, as one sentence. */
function outcomeOf({ failure, closed }: StoredBatch): string {
  if (closed === undefined)
    return failure === undefined ? '' : `${failure.code}: ${onOneLine(failure.message)}`;
  switch (closed.outcome) {
    case 'loaded': {
      const { rows, merged, deleted, setAside, others, newColumns } = closed;
      const empty = others.filter(({ outcome }) => outcome === 'empty').length;
      const left = others.length - empty;
      return [
        `${counted(rows, 'row')} read, ${count(merged)} written`,
        ...(deleted === 0 ? [] : [`${count(deleted)} deleted`]),
        ...(setAside === 0 ? [] : [`${count(setAside)} set aside`]),
        ...(empty === 0 ? [] : [`${counted(empty, 'file')} empty`]),
        ...(left === 0 ? [] : [`${counted(left, 'file')} left out`]),
        ...columnsText(newColumns),
      ].join(', ');
    }
    case 'skipped':
      return closed.reason ?? 'by an operator';
    case 'split':
      return `into ${closed.into.join(' and ')}`;
    case 'superseded':
      return `by batch ${closed.by}`;
  }
}

type Loaded = Extract<NonNullable<StoredBatch['closed']>, { readonly outcome: 'loaded' }>;

/** Columns of the files that the table did not have. */
function columnsText(columns: Loaded['newColumns']): string[] {
  const named = (added: boolean) =>
    columns
      .filter((each) => each.added === added)
      .map(({ name, why }) => (why === undefined ? name : `${name} (${why})`));
  const [added, left] = [named(true), named(false)];
  return [
    ...(added.length === 0 ? [] : [`new columns ${added.join(', ')}`]),
    ...(left.length === 0 ? [] : [`columns left out: ${left.join(', ')}`]),
  ];
}

const batchJson = ({ number, state, batch, failure, closed }: StoredBatch) => ({
  batch: number,
  state,
  createdAt: batch.createdAt,
  reason: batch.reason,
  files: batch.files.length,
  bytes: bytesOf(batch.files),
  splitFrom: batch.splitFrom ?? null,
  failure: failure ?? null,
  closed: closed ?? null,
});
