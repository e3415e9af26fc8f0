import type { Generation } from '../../pipeline/datasets/documents.ts';
import { isOffered, names, type OpenIntake, touched } from '../../pipeline/datasets/intake/open-intake.ts';
import type { Offer } from '../../pipeline/datasets/partitions/next-inputs.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { currentGeneration } from './current-generation.ts';
import type { DatasetFiles } from './dataset-documents.ts';

const AT_ONCE = 16;

/** What open intakes offer to a partition, oldest first. An intake offers nothing before all of its batches are read. */
export const offersTo = (partition: string, open: readonly OpenIntake[]): Offer[] =>
  open
    .filter(isOffered)
    .flatMap(({ results }) => [...results.values()])
    .flatMap(({ partitions, columns }) =>
      partitions.filter((offer) => offer.partition === partition).map((offer) => ({ ...offer, columns })),
    );

/** An intake, and the partitions that do not have all it offers. */
interface Unpublished {
  readonly intake: OpenIntake;
  readonly partitions: readonly string[];
}

/** Of each open intake that is read, the partitions that lack something of it. */
export async function unpublished(
  files: DatasetFiles,
  open: readonly OpenIntake[],
  signal: AbortSignal,
): Promise<Unpublished[]> {
  const read = open.filter(isOffered).map((intake) => ({ intake, offered: touched(intake) }));
  const generations = new Map<string, Generation | undefined>();
  const partitions = new Set(read.flatMap(({ offered }) => [...offered.keys()]));
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition, each) => {
      generations.set(partition, (await currentGeneration(files, partition, each))?.generation);
    },
    signal,
  );
  return read.map(({ intake, offered }) => ({
    intake,
    partitions: [...offered].flatMap(([partition, inputs]) =>
      names(generations.get(partition), inputs) ? [] : [partition],
    ),
  }));
}
