import { publicationOf, publicationsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
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
