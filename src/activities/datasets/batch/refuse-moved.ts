import { Terminal } from '../../../clients/errors.ts';
import type { Input } from '../../../pipeline/datasets/documents.ts';
import { replaces } from '../../../pipeline/datasets/partitions/next-inputs.ts';
import { RecordSet } from '../../../pipeline/datasets/partitions/record-set.ts';
import { currentGeneration } from '../../../store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { findIntakes } from '../../../store/datasets/intakes.ts';
import { offersTo } from '../../../store/datasets/offers.ts';

const SHOWN = 5;
const NONE = String(new RecordSet());

/**
 * Compares what a rebuild would give to partitions outside of its days with what they have.
 * @param read for each of those partitions and files, the records that the partition would have
 * @throws Terminal `RebuildRefused` if any differ: those records would be lost, or be in two partitions
 */
export async function refuseMoved(
  files: DatasetFiles,
  read: readonly { readonly key: string; readonly partition: string; readonly records: string }[],
  signal: AbortSignal,
): Promise<void> {
  const { open } = await findIntakes(files, signal);
  const moved: string[] = [];
  for (const [partition, own] of Map.groupBy(read, (each) => each.partition)) {
    const current = await currentGeneration(files, partition, signal);
    const has = new Map<string, Input>(current?.generation.inputs.map((input) => [input.key, input]));
    for (const { inputs } of offersTo(partition, open))
      for (const input of inputs) {
        const known = has.get(input.key);
        if (known === undefined || replaces(input, known)) has.set(input.key, input);
      }
    for (const { key, records } of own)
      if ((has.get(key)?.records ?? NONE) !== records) moved.push(`${partition} (${key})`);
  }
  if (moved.length === 0) return;
  const more = moved.length > SHOWN ? ` and ${moved.length - SHOWN} more` : '';
  throw new Terminal(
    'RebuildRefused',
    'Nothing was rebuilt: with this record module, records would move between the days of the rebuild and others, or be set aside ' +
      `there: ${moved.slice(0, SHOWN).join(', ')}${more}. Include those days.`,
  );
}
