import { gzipSync } from 'node:zlib';
import { partitionOfPointer } from '../../src/pipeline/datasets/dataset-directory.ts';
import { Pointer } from '../../src/pipeline/datasets/documents.ts';
import { cpuSeconds } from '../speed/process-tree.ts';
import { BenchDataset, type BenchDatasetOptions } from './bench-dataset.ts';
import { MemoryWatch, type Peaks } from './memory-watch.ts';

const FIRST_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** What runs that touch many days leave, and what they take. */
export interface BoundsResult {
  readonly rows: number;
  readonly partitions: number;
  /** Published in all, by the pointers' revisions. */
  readonly generations: number;
  /** In the folders of all generations, superseded ones as well. */
  readonly dataFiles: number;
  readonly dataBytes: number;
  /** Of the files that readers see. */
  readonly currentBytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peaks: Peaks;
}

export interface ManyDays {
  readonly days: number;
  readonly recordsPerDay: number;
}

/** One run whose files have records of so many days. */
export function manyDays(
  options: BenchDatasetOptions,
  { days, recordsPerDay }: ManyDays,
): Promise<BoundsResult> {
  return measured(options, {}, async (dataset) => {
    for (let file = 0; file < recordsPerDay; file++)
      await dataset.put(`${file}.gz`, fileOf(file, range(days)));
    await dataset.run();
  });
}

export interface LateRuns {
  readonly runs: number;
  /** Late days of which each run has one record, beside those of its own day. */
  readonly lateDays: number;
  /** Every so many runs, rows of late days are published. */
  readonly passEvery: number;
}

/** So many runs, each with rows of one day and late records of many. */
export function lateRuns(
  options: BenchDatasetOptions,
  { runs, lateDays, passEvery }: LateRuns,
): Promise<BoundsResult> {
  return measured(options, { late: { after: '3d', every: '365d' } }, async (dataset) => {
    for (let run = 0; run < runs; run++) {
      // A day in the future is not late, whatever the date is.
      await dataset.put(`${run}.gz`, fileOf(run, [...range(lateDays), 27_000]));
      await dataset.run({ late: run % passEvery === 0 });
    }
    await dataset.run({ late: true });
  });
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

const fileOf = (file: number, days: readonly number[]) =>
  gzipSync(
    days
      .map((day) =>
        JSON.stringify({
          stack: 'prod',
          payload: {
            ...{ sessionId: `${file}-${day}`, timestamp: FIRST_MS + day * DAY_MS, method: 'GET' },
            ...{ requestURL: `/repo/v1/entity/syn${file}`, userAgent: 'python', elapseMS: file },
          },
        }),
      )
      .join('\n'),
  );

async function measured(
  options: BenchDatasetOptions,
  more: Record<string, unknown>,
  work: (dataset: BenchDataset) => Promise<void>,
): Promise<BoundsResult> {
  const dataset = await BenchDataset.start({ ...options, more });
  try {
    const { pid } = dataset.worker;
    const memory = new MemoryWatch(pid);
    const [beganMs, before] = [Date.now(), cpuSeconds(pid)];
    await work(dataset);
    const spent = { seconds: (Date.now() - beganMs) / 1000, cpuSeconds: cpuSeconds(pid) - before };
    const { files, bytes } = await dataset.written('record_date=');
    return {
      ...(await published(dataset)),
      ...{ dataFiles: files, dataBytes: bytes },
      ...{ ...spent, peaks: await memory.end() },
    };
  } finally {
    await dataset.close();
  }
}

async function published({
  store,
  name,
}: BenchDataset): Promise<Pick<BoundsResult, 'rows' | 'partitions' | 'generations' | 'currentBytes'>> {
  const at = { prefix: `${name}-table` };
  let [rows, partitions, generations, currentBytes] = [0, 0, 0, 0];
  for await (const { key } of store.list(`${at.prefix}/_tributary/partitions/`)) {
    const partition = partitionOfPointer(at, key);
    if (partition === undefined) continue;
    const object = await store.get(key);
    const pointer = Pointer.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    partitions++;
    rows += pointer.content.rows;
    generations += pointer.revision;
    const folder = `${at.prefix}/${partition}/gen-${String(pointer.generation).padStart(5, '0')}-${pointer.id}/`;
    for await (const { bytes } of store.list(folder)) currentBytes += bytes;
  }
  return { rows, partitions, generations, currentBytes };
}
