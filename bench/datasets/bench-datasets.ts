import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { cpuSeconds } from '../speed/process-tree.ts';
import { BenchDataset, type BenchDatasetOptions } from './bench-dataset.ts';
import { MemoryWatch, type Peaks } from './memory-watch.ts';
import type { RecordFiles } from './record-files.ts';

/** What a program did with the files. */
export interface ProgramResult {
  readonly program: string;
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peaks: Peaks;
  /** Of the Parquet files, in bytes. */
  readonly sizes: readonly number[];
}

/** One run of a dataset over all files. @param batchMegabytes of compressed files, in one batch */
export async function benchWorker(
  options: BenchDatasetOptions,
  { paths }: RecordFiles,
  batchMegabytes: number,
): Promise<ProgramResult> {
  const dataset = await BenchDataset.start({ ...options, more: { batch: { maxMegabytes: batchMegabytes } } });
  try {
    for (const path of paths) await dataset.put(basename(path), readFileSync(path));
    const { pid } = dataset.worker;
    const memory = new MemoryWatch(pid);
    const [beganMs, before] = [Date.now(), cpuSeconds(pid)];
    const { records } = await dataset.run();
    return {
      ...{ program: 'Tributary', rows: records, seconds: (Date.now() - beganMs) / 1000 },
      ...{ cpuSeconds: cpuSeconds(pid) - before, peaks: await memory.end() },
      sizes: await dataset.written('record_date='),
    };
  } finally {
    await dataset.close();
  }
}
