import {
  allPublications,
  publicationOf,
  publicationsDirectory,
} from '../../pipeline/datasets/dataset-directory.ts';
import type { ListedPublication } from '../../pipeline/datasets/derived/kept-publications.ts';
import type { Publication } from '../../pipeline/datasets/derived/publication.ts';
import { claim } from '../claim.ts';
import { findDocument } from '../document.ts';
import { type DatasetFiles, publicationFile } from './dataset-documents.ts';

/** What readers of a group see: its latest publication. */
export async function latestPublication(
  files: DatasetFiles,
  name: string,
  signal: AbortSignal,
): Promise<Publication | undefined> {
  let last = 0;
  for await (const { key } of files.store.list(publicationsDirectory(files.at, name), { signal }))
    last = Math.max(last, publicationOf(key) ?? 0);
  return last === 0 ? undefined : findDocument(publicationFile(files, name, last), signal);
}

/** The publications whose documents are beside a dataset, by the names of their groups. */
export async function listPublications(
  { store, at }: DatasetFiles,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly ListedPublication[]>> {
  const directory = allPublications(at);
  const found = new Map<string, ListedPublication[]>();
  for await (const { key, modifiedMs } of store.list(directory, { signal })) {
    const number = publicationOf(key);
    if (number === undefined || modifiedMs === undefined) continue;
    const name = key.slice(directory.length, key.lastIndexOf('/'));
    const own = found.get(name) ?? [];
    own.push({ number, publishedMs: modifiedMs });
    found.set(name, own);
  }
  return found;
}

/** Publishes a group by one write. @returns false if another publication has this number: the group is compared again */
export async function claimPublication(
  files: DatasetFiles,
  value: Publication,
  signal: AbortSignal,
): Promise<boolean> {
  const document = publicationFile(files, value.publication, value.number);
  const { won } = await claim(document, value, ({ id }) => id === value.id, signal);
  return won;
}
