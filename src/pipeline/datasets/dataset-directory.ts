/**
 * The keys of a dataset in S3: the one place for the grammar.
 *
 *     <prefix>/record_date=2026-11-01/gen-00007-<id>/0000.parquet    data only: engines read every file of a location
 *     <prefix>/files/month=2026-03/<value>/<hash>-<id>.tsv           text, by content: generations share what did not change
 *     <prefix>/_tributary/partitions/record_date=2026-11-01/
 *       current.json                                   the pointer, with a revision number                       (If-Match)
 *       gen-00007-<id>.json                            inputs, code, schema, files, rows, content           (If-None-Match)
 *       gen-00007-<id>/0000-inputs.parquet             of each row of a data file, the number of its input
 *       gen-00007-<id>/duplicates.parquet              rows that another row with their key displaces
 *       built-<id>.json                                what a derived partition was built from, and by which step  (If-None-Match)
 *       gen-00007-<id>/texts.jsonl                       the index of the generation's text files
 *       response-<hash>-<id>                           what was received for a fetched partition
 *     <prefix>/_tributary/copy/<id>/<n>.manifest       files that COPY reads for one build, while it runs
 *     <prefix>/_tributary/unload/<id>/…                what UNLOAD wrote, until it is published
 *     <prefix>/_tributary/publications/<name>/000042.json  of the first dataset of a group: its partitions that appear together (If-None-Match)
 *     <prefix>/_tributary/code/<version>.js            the module of a step that is a function, with its imports     (If-None-Match)
 *     <prefix>/_tributary/pointers.json                all pointers with their ETags: an index that can be lost
 *     <prefix>/_tributary/plans/<time>-<id>.json       what runs would build, and why, of graphs with this first dataset (If-None-Match)
 *     <prefix>/_tributary/approved.json                the version of a step whose partitions may all be rebuilt     (If-Match)
 *     <prefix>/_tributary/intake/000123/                          after 999999: a1000000, then b10000000
 *       plan.json                                      the files that a run takes, in batches               (If-None-Match)
 *       batch-00004.json                               a batch's rows by partition, and its rejects         (If-None-Match)
 *       batch-00004/<attempt>/…                        what its attempts wrote
 *       closed.json                                    every partition it touches names its files           (If-None-Match)
 *     <prefix>/_tributary/intake/open.json             all intakes below this one are closed                    (If-Match)
 *     <prefix>/_tributary/alerts/<dataset>/alerts.json   what was reported, and not resolved                      (If-Match)
 *     <prefix>/_tributary/late.json                    when rows for late days were published last                (If-Match)
 *     <prefix>/_tributary/listed.json                  with `listPrefixes`: when the whole source was listed last      (If-Match)
 *     <prefix>/_tributary/pruned.json                  when what nothing needs was deleted last                  (If-Match)
 *     <prefix>/_tributary/taken/<folder>.json          which files of a folder were taken: an index that can be rebuilt (If-Match)
 *
 * A partition is named by its path, without a slash at the end: `record_date=2026-11-01`, or `year=2026/month=11/day=01`; `all`, if
 * the table has no partitions.
 */

import { WHOLE } from './partitions/partition-of.ts';

export interface DatasetLocation {
  /** Without a slash at the end; may be empty. */
  readonly prefix: string;
}

const below = ({ prefix }: DatasetLocation, rest: string) => (prefix === '' ? rest : `${prefix}/${rest}`);
const digits = (n: number, count: number) => String(n).padStart(count, '0');
const metadata = (at: DatasetLocation, rest: string) => below(at, `_tributary/${rest}`);

/** @param id random id of the attempt that writes it */
export const generationName = (generation: number, id: string) => `gen-${digits(generation, 5)}-${id}`;

/** The location of a generation, as engines and the catalogue have it. */
export const generationDirectory = (at: DatasetLocation, partition: string, name: string) =>
  below(at, `${partition}/${name}/`);
export const dataFileKey = (at: DatasetLocation, partition: string, name: string, file: number) =>
  `${generationDirectory(at, partition, name)}${digits(file, 4)}.parquet`;

export const partitionsDirectory = (at: DatasetLocation) => metadata(at, 'partitions/');
/** Where the documents of a partition are. */
export const partitionDocuments = (at: DatasetLocation, partition: string) =>
  `${partitionsDirectory(at)}${partition}/`;
export const pointerKey = (at: DatasetLocation, partition: string) =>
  `${partitionDocuments(at, partition)}current.json`;
export const generationKey = (at: DatasetLocation, partition: string, name: string) =>
  `${partitionDocuments(at, partition)}${name}.json`;
/** Of each row of a data file, the number of its input. */
export const sideFileKey = (at: DatasetLocation, partition: string, name: string, file: number) =>
  `${partitionDocuments(at, partition)}${name}/${digits(file, 4)}-inputs.parquet`;
/** Rows of the generation that are not in its data, because another row has their key. */
export const duplicatesKey = (at: DatasetLocation, partition: string, name: string) =>
  `${partitionDocuments(at, partition)}${name}/duplicates.parquet`;

/** Where the text files of all generations of a partition are: apart from the table, because engines read every file there. */
export const textsDirectory = (at: DatasetLocation, partition: string) => `${allTexts(at)}${partition}/`;
export const allTexts = (at: DatasetLocation) => below(at, 'files/');
/** The text files of a generation. */
export const textIndexKey = (at: DatasetLocation, partition: string, name: string) =>
  `${partitionDocuments(at, partition)}${name}/texts.jsonl`;

/** What a derived partition was built from. @param id random id of the attempt that built it */
export const buildRecordKey = (at: DatasetLocation, partition: string, id: string) =>
  `${partitionDocuments(at, partition)}built-${id}.json`;
/** A response, as it was received. @param hash of its bytes @param id random id of the attempt that received it */
export const responseKey = (at: DatasetLocation, partition: string, hash: string, id: string) =>
  `${partitionDocuments(at, partition)}response-${hash}-${id}`;

/** What a document or response is that a build left beside the pointer of a partition; undefined for any other object. */
export function builtOfKey(
  at: DatasetLocation,
  key: string,
):
  | { readonly partition: string; readonly record: string }
  | { readonly partition: string; readonly response: string }
  | undefined {
  const directory = partitionsDirectory(at);
  if (!key.startsWith(directory)) return undefined;
  const [, partition = '', record, response] =
    /^(.+)\/(?:built-([^/.]+)\.json|(response-[^/]+))$/.exec(key.slice(directory.length)) ?? [];
  if (record !== undefined) return { partition, record };
  return response === undefined ? undefined : { partition, response };
}

/** Those of all groups whose first dataset this is, or was. */
export const allPublications = (at: DatasetLocation) => metadata(at, 'publications/');
export const copiesDirectory = (at: DatasetLocation) => metadata(at, 'copy/');
/** @param id random id of the build */
export const copyManifestKey = (at: DatasetLocation, id: string, n: number) =>
  `${copiesDirectory(at)}${id}/${n}.manifest`;
/** A file of an input that was written again for COPY. */
export const copiedFileKey = (at: DatasetLocation, id: string, n: number) =>
  `${copiesDirectory(at)}${id}/${n}.parquet`;
export const unloadsDirectory = (at: DatasetLocation) => metadata(at, 'unload/');
/** @param id random id of the attempt that unloads */
export const unloadDirectory = (at: DatasetLocation, id: string) => `${unloadsDirectory(at)}${id}/`;
export const publicationsDirectory = (at: DatasetLocation, publication: string) =>
  `${allPublications(at)}${publication}/`;
export const publicationKey = (at: DatasetLocation, publication: string, number: number) =>
  `${publicationsDirectory(at, publication)}${digits(number, 6)}.json`;
/** The number of the publication that has this key; undefined for any other object. */
export const publicationOf = (key: string): number | undefined => {
  const found = /\/(\d{6,})\.json$/.exec(key)?.[1];
  return found === undefined ? undefined : Number(found);
};
/** What a function was when it built partitions, for people to read: nothing runs it from here. */
export const codeKey = (at: DatasetLocation, version: string) => metadata(at, `code/${version}.js`);
/** All pointers, with the ETags that they had. */
export const pointerIndexKey = (at: DatasetLocation) => metadata(at, 'pointers.json');
export const plansDirectory = (at: DatasetLocation) => metadata(at, 'plans/');
/** @param time ISO 8601, UTC @param id random id of the attempt that writes it */
export const planKey = (at: DatasetLocation, time: string, id: string) =>
  `${plansDirectory(at)}${time.replaceAll(/[:.]/g, '')}-${id}.json`;
export const approvalKey = (at: DatasetLocation) => metadata(at, 'approved.json');
/** Where the folders of all partitions are whose first column this is; without one, that of the whole table. */
export const partitionsOfColumn = (at: DatasetLocation, column: string | undefined) =>
  below(at, column === undefined ? `${WHOLE}/` : `${column}=`);

/** The partition whose pointer this key is; undefined for any other object. */
export function partitionOfPointer(at: DatasetLocation, key: string): string | undefined {
  const [directory, name] = [partitionsDirectory(at), '/current.json'];
  return key.startsWith(directory) && key.endsWith(name)
    ? key.slice(directory.length, -name.length)
    : undefined;
}

/** A generation that a key belongs to: data, side files or document; undefined for any other object. */
export function generationOfKey(
  at: DatasetLocation,
  key: string,
):
  | {
      readonly partition: string;
      readonly name: string;
      readonly generation: number;
      readonly isDocument: boolean;
    }
  | undefined {
  const isMetadata = key.startsWith(metadata(at, ''));
  const directory = isMetadata ? partitionsDirectory(at) : below(at, '');
  // Names of text files are values of rows.
  if (!key.startsWith(directory) || key.startsWith(allTexts(at))) return undefined;
  const found = /^(.+)\/(gen-(\d{5,})-[^/.]+)(\.json$|\/)/.exec(key.slice(directory.length));
  if (found === null) return undefined;
  const [, partition = '', name = '', generation = '', rest] = found;
  return { partition, name, generation: Number(generation), isDocument: rest === '.json' };
}

export const intakesDirectory = (at: DatasetLocation) => metadata(at, 'intake/');
/** In the order of the numbers: behind 999999 are a1000000 to a9999999, then b10000000. */
const intakeName = (intake: number): string => {
  const name = digits(intake, 6);
  return name.length === 6 ? name : `${String.fromCharCode(0x61 + name.length - 7)}${name}`;
};
const intakeDirectory = (at: DatasetLocation, intake: number) =>
  `${intakesDirectory(at)}${intakeName(intake)}/`;
export const intakePlanKey = (at: DatasetLocation, intake: number) =>
  `${intakeDirectory(at, intake)}plan.json`;
export const intakeClosedKey = (at: DatasetLocation, intake: number) =>
  `${intakeDirectory(at, intake)}closed.json`;
const batchName = (batch: number) => `batch-${digits(batch, 5)}`;
export const batchKey = (at: DatasetLocation, intake: number, batch: number) =>
  `${intakeDirectory(at, intake)}${batchName(batch)}.json`;
/** @param attempt random id of the execution that writes there */
export const batchDirectory = (at: DatasetLocation, intake: number, batch: number, attempt: string) =>
  `${intakeDirectory(at, intake)}${batchName(batch)}/${attempt}/`;

/** Whether a key is a file that a batch wrote, and not a document or its rejects: once the intake is closed, nothing reads it. */
export const isBatchFile = (key: string): boolean => /\/batch-\d{5,}\/[^/]+\/[^/]+\.parquet$/.test(key);
/** Whether a key says that its intake is closed. */
export const isClosedMark = (key: string): boolean => key.endsWith('/closed.json');

/** The number of the intake that has this key; undefined for any other object. */
export function intakeOf(at: DatasetLocation, key: string): number | undefined {
  const directory = intakesDirectory(at);
  if (!key.startsWith(directory)) return undefined;
  const found = /^[a-i]?(\d{6,})\//.exec(key.slice(directory.length))?.[1];
  return found === undefined ? undefined : Number(found);
}

export const datasetAlertsPlace = ({ bucket, ...at }: DatasetLocation & { readonly bucket: string }) => ({
  bucket,
  prefix: metadata(at, 'alerts'),
});
/** When superseded generations were deleted last. */
export const prunedKey = (at: DatasetLocation) => metadata(at, 'pruned.json');
export const latePassKey = (at: DatasetLocation) => metadata(at, 'late.json');
export const wholeListingKey = (at: DatasetLocation) => metadata(at, 'listed.json');
export const intakeMarkKey = (at: DatasetLocation) => `${intakesDirectory(at)}open.json`;
/** Keys after it, in byte order, are of this intake or of later ones. */
export const beforeIntake = (at: DatasetLocation, intake: number) =>
  `${intakesDirectory(at)}${intakeName(intake)}`;

export const takenDirectory = (at: DatasetLocation) => metadata(at, 'taken/');
/** S3's keys have at most 1,024 bytes. Longer folders that begin alike share a part of the index. */
const MOST_FOLDER_BYTES = 600;

function beginningOf(folder: string): string {
  const encoder = new TextEncoder();
  let [beginning, bytes] = ['', 0];
  for (const character of folder) {
    bytes += encoder.encode(character).length;
    if (bytes > MOST_FOLDER_BYTES) break;
    beginning += character;
  }
  return beginning;
}

/** @param folder as `folderOf` names it */
export const takenKey = (at: DatasetLocation, folder: string) =>
  `${takenDirectory(at)}${folder === '' ? '' : `${beginningOf(folder)}/`}taken.json`;
/** The folder whose files a part of the index has; undefined for any other object. */
export function folderOfTaken(at: DatasetLocation, key: string): string | undefined {
  const [directory, name] = [takenDirectory(at), 'taken.json'];
  if (!key.startsWith(directory) || !key.endsWith(name)) return undefined;
  return key.slice(directory.length, -name.length).replace(/\/$/, '');
}
