import { Buffer } from 'node:buffer';
import { zstdDecompressSync } from 'node:zlib';
import { Terminal } from '../../clients/errors.ts';
import { KeptReject } from '../../pipeline/datasets/documents.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import type { DatasetFiles } from './dataset-documents.ts';
import { findIntakes, intakesBackwards } from './intakes.ts';

/** The last intakes whose set-aside records are shown: of hourly runs, those of four days. */
export const LAST_INTAKES = 100;

/** Records of one batch that are set aside now. */
export interface BatchRejects {
  readonly intake: number;
  readonly batch: number;
  readonly rejects: readonly KeptReject[];
}

interface RejectsWanted {
  /** Only those of this intake. */
  readonly intake?: number;
  /** How many intakes are looked at. */
  readonly most: number;
}

/**
 * The records that are set aside, the newest first: those of a file that a later intake has read again, with the same bytes or others,
 * are past.
 * @throws Terminal `DamagedFile`
 */
export async function* currentRejects(
  files: DatasetFiles,
  { intake: only, most }: RejectsWanted,
  signal: AbortSignal,
): AsyncGenerator<BatchRejects> {
  const { last } = await findIntakes(files, signal);
  const readLater = new Set<string>();
  let seen = 0;
  for await (const { plan, results } of intakesBackwards(files, last, signal)) {
    if (seen++ >= most || (only !== undefined && plan.intake < only)) return;
    const read: string[] = [];
    for (const { number, files: batch } of plan.batches) {
      const result = results.get(number);
      if (result === undefined || result.parked !== undefined) continue;
      for (const { key } of batch) read.push(key);
      if (result.rejects.file === undefined || (only !== undefined && plan.intake !== only)) continue;
      const all = await readRejects(files, result.rejects.file.key, signal);
      const rejects = all.filter(({ file }) => !readLater.has(file));
      if (rejects.length > 0) yield { intake: plan.intake, batch: number, rejects };
    }
    for (const key of read) readLater.add(key);
  }
}

async function readRejects({ store }: DatasetFiles, key: string, signal: AbortSignal): Promise<KeptReject[]> {
  const object = await store.get(key, { signal });
  if (object === undefined) return [];
  try {
    const text = Buffer.from(zstdDecompressSync(object.body)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => KeptReject.parse(parseExactly(line)));
  } catch (error) {
    throw new Terminal(
      'DamagedFile',
      `s3://${store.bucket}/${key} is damaged. Restore it from an earlier version of the object; nothing else reads it.`,
      { cause: error },
    );
  }
}
