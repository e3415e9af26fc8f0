import { Terminal } from '../../clients/errors.ts';
import type { PublishedMember } from '../../pipeline/datasets/derived/publication.ts';
import { findDocument } from '../document.ts';
import { type ClosurePlace, closureOf } from './closure.ts';
import { type DatasetFiles, pointer, publicationFile } from './dataset-documents.ts';
import { generationNames } from './generation-names.ts';
import { latestPublication } from './publications.ts';

/** A generation, and the record of what it was built from. */
export type NamedGeneration = Pick<PublishedMember, 'generation' | 'id' | 'record' | 'accepted'>;

export interface SoughtPartition {
  readonly dataset: string;
  /** Its day or month. */
  readonly partition: string;
  readonly files: DatasetFiles;
  readonly path: string;
}

const missing = (message: string) => new Terminal('FileMissing', message);

/** @throws Terminal `FileMissing` */
export async function currentlyPublished(
  { dataset, partition, files, path }: SoughtPartition,
  signal: AbortSignal,
): Promise<NamedGeneration> {
  const current = await findDocument(pointer(files, path), signal);
  if (current === undefined) throw missing(`${dataset} ${partition} is not published.`);
  return { generation: current.generation, id: current.id, record: current.built?.record ?? '' };
}

/** @param text `7-<id>`, or `7` if there is only one @throws Terminal `FileMissing` */
export async function generationByName(
  { dataset, partition, files, path }: SoughtPartition,
  text: string,
  signal: AbortSignal,
): Promise<NamedGeneration> {
  const found = (await generationNames(files, path, signal)).filter(
    ({ generation, id }) => `${generation}-${id}` === text || String(generation) === text,
  );
  const [only, ...others] = found;
  if (only === undefined)
    throw missing(`${dataset} ${partition} has no generation ${text}, or not any more.`);
  if (others.length === 0) return { ...only, record: only.id };
  throw missing(
    `${dataset} ${partition} has several attempts of generation ${text}: name one of ` +
      `${found.map(({ generation, id }) => `${generation}-${id}`).join(', ')}.`,
  );
}

/**
 * The generation of a partition that a publication has, or that one of its members was built from.
 * @param publication `number`: absent: the latest
 * @param first where the publications of the group are
 * @throws Terminal `FileMissing`
 */
export async function publishedGenerationIn(
  { dataset, partition }: SoughtPartition,
  { name, number }: { readonly name: string; readonly number?: number | undefined },
  first: DatasetFiles,
  placeOf: (dataset: string) => ClosurePlace | undefined,
  signal: AbortSignal,
): Promise<NamedGeneration> {
  const publication =
    number === undefined
      ? await latestPublication(first, name, signal)
      : await findDocument(publicationFile(first, name, number), signal);
  if (publication === undefined)
    throw missing(`There is no publication ${number === undefined ? `of ${name}` : `${number} of ${name}`}.`);
  const isSought = (each: { readonly dataset: string; readonly partition: string }) =>
    each.dataset === dataset && each.partition === partition;
  const member = publication.members.find(isSought);
  if (member !== undefined) return member;
  const read = (await closureOf(publication.members, placeOf, signal)).filter(isSought);
  const [only] = read;
  const what = `Publication ${publication.number} of ${name}`;
  if (only === undefined) throw missing(`${what} neither has ${dataset} ${partition} nor was built from it.`);
  if (read.every(({ id }) => id === only.id)) return only;
  const names = new Set(read.map(({ generation, id }) => `${generation}-${id}`));
  throw missing(
    `${what} was built from several generations of ${dataset} ${partition}: name one of ${[...names].join(', ')}.`,
  );
}
