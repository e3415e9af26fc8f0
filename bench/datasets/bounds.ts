import { gzipSync } from 'node:zlib';
import {
  generationDirectory,
  generationName,
  partitionOfPointer,
} from '../../src/pipeline/datasets/dataset-directory.ts';
import { Pointer } from '../../src/pipeline/datasets/documents.ts';
import { cpuSeconds } from '../speed/process-tree.ts';
import { BenchDataset, type BenchDatasetOptions } from './bench-dataset.ts';
import { MemoryWatch, type Peaks } from './memory-watch.ts';
import { type StatedBounds, statedBounds } from './stated-bounds.ts';

const FIRST_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
/** A day in the future is not late, whatever the date is. */
const CURRENT_DAY = 27_000;

/** What runs that touch many days leave, and what they take. */
export interface BoundsResult {
  readonly rows: number;
  /** With the size of the files that readers see. */
  readonly partitions: readonly { readonly name: string; readonly bytes: number }[];
  /** Published in all, by the pointers' revisions. */
  readonly generations: number;
  /** In the folders of all generations, superseded ones as well. */
  readonly dataFiles: number;
  /** Of those: what was written and what was copied on the server. */
  readonly dataBytes: number;
  /** What the runs may have made of these. */
  readonly bounds: StatedBounds;
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
  return measured(options, { more: {}, generations: () => 1 }, async (dataset) => {
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
  log: (line: string) => void = () => {},
): Promise<BoundsResult> {
  const late = { after: '3d', every: '365d' };
  const passes = Math.ceil(runs / passEvery) + 1;
  const current = `record_date=${dayOf(CURRENT_DAY)}`;
  const generations = (partition: string) => (partition === current ? runs : passes);
  return measured(options, { more: { late }, generations }, async (dataset) => {
    for (let run = 0; run < runs; run++) {
      await dataset.put(`${run}.gz`, fileOf(run, [...range(lateDays), CURRENT_DAY]));
      await dataset.run({ late: run % passEvery === 0 });
      log(`run ${run + 1} of ${runs}`);
    }
    await dataset.run({ late: true });
  });
}

const dayOf = (day: number) => new Date(FIRST_MS + day * DAY_MS).toISOString().slice(0, 10);
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
  {
    more,
    generations,
  }: { readonly more: Record<string, unknown>; readonly generations: (partition: string) => number },
  work: (dataset: BenchDataset) => Promise<void>,
): Promise<BoundsResult> {
  const dataset = await BenchDataset.start({ ...options, more });
  try {
    const { pid } = dataset.worker;
    const memory = new MemoryWatch(pid);
    const [beganMs, before] = [Date.now(), cpuSeconds(pid)];
    await work(dataset);
    const spent = { seconds: (Date.now() - beganMs) / 1000, cpuSeconds: cpuSeconds(pid) - before };
    const peaks = await memory.end();
    const sizes = await dataset.written('record_date=');
    const found = await published(dataset);
    return {
      ...found,
      ...{ dataFiles: sizes.length, dataBytes: sizes.reduce((sum, bytes) => sum + bytes, 0) },
      ...{ bounds: statedBounds(found, generations), ...spent, peaks },
    };
  } finally {
    await dataset.close();
  }
}

async function published({
  store,
  name,
}: BenchDataset): Promise<Pick<BoundsResult, 'rows' | 'partitions' | 'generations'>> {
  const at = { prefix: `${name}-table` };
  const partitions: { name: string; bytes: number }[] = [];
  let [rows, generations] = [0, 0];
  for await (const { key } of store.list(`${at.prefix}/_tributary/partitions/`)) {
    const partition = partitionOfPointer(at, key);
    if (partition === undefined) continue;
    const object = await store.get(key);
    const pointer = Pointer.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    rows += pointer.content.rows;
    generations += pointer.revision;
    const folder = generationDirectory(at, partition, generationName(pointer.generation, pointer.id));
    let current = 0;
    for await (const { bytes } of store.list(folder)) current += bytes;
    partitions.push({ name: partition, bytes: current });
  }
  return { rows, partitions, generations };
}
