import {
  generationDirectory,
  generationName,
  partitionsOfColumn,
  textsDirectory,
} from '../../../pipeline/datasets/dataset-directory.ts';
import { filesHash } from '../../../pipeline/datasets/derived/files-hash.ts';
import type { Pointer } from '../../../pipeline/datasets/documents.ts';
import { contentVersion } from '../../../pipeline/datasets/graph/input-versions.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import type { PartitionState } from '../../../pipeline/datasets/graph/plan-graph.ts';
import { bareEtag } from '../../../pipeline/loader/source-file.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import {
  areListed,
  byName,
  findTextIndex,
  type ListedTexts,
  listedTexts,
  textsByPartition,
} from '../../../store/datasets/text-files.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import type { OpenGraph } from './open-graph.ts';

/**
 * What is published of these datasets, by pointers and by a listing of their files.
 * @param isLater whether an earlier round of the same run has looked: text files that this worker has seen are not listed again
 */
export async function graphState(
  graph: OpenGraph,
  pointers: Pointers,
  { names, isLater }: { readonly names: readonly string[]; readonly isLater: boolean },
  signal: AbortSignal,
): Promise<Map<string, Map<string, PartitionState>>> {
  const state = new Map<string, Map<string, PartitionState>>();
  for (const name of names) {
    const files = graph.filesOf(name);
    const made = graph.derived[name] ?? graph.fetched[name];
    const found = await pointers.of(files, signal);
    const hashes = made === undefined ? undefined : await hashesOf(files, made.partition.column, signal);
    const broken = await brokenTexts(files, found, isLater, signal);
    const partitions = new Map<string, PartitionState>();
    for (const [path, pointer] of found) {
      const isTable = hashes === undefined || isAsWritten(pointer, folderOf(files, path, pointer), hashes);
      partitions.set(valueOfPath(path), stateOf(pointer, isTable && !broken.has(path)));
    }
    state.set(name, partitions);
  }
  return state;
}

const INDEXES_AT_ONCE = 8;
/** A partition with more text files is listed alone: one listing of all would take one request per 1,000 files, one after the other. */
const MANY_FILES = 1000;
const LISTINGS_AT_ONCE = 4;

/** The partitions whose text files are not as they were written. */
async function brokenTexts(
  files: DatasetFiles,
  pointers: ReadonlyMap<string, Pointer>,
  isLater: boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const broken = new Set<string>();
  const unlisted = new Map<string, Pointer>();
  const large: string[] = [];
  for (const [path, pointer] of pointers) {
    if (pointer.texts === undefined) continue;
    const before = known.get(folderOfTexts(files, path));
    if (isLater && before?.id === pointer.id) {
      if (!before.isWhole) broken.add(path);
    } else if (pointer.texts.files > MANY_FILES) large.push(path);
    else unlisted.set(path, pointer);
  }
  const judge = async (path: string, listed: ListedTexts, each: AbortSignal) => {
    if (!(await areTextsWhole(files, path, pointers.get(path) as Pointer, listed, each))) broken.add(path);
  };
  await forEachLimited(
    large,
    LISTINGS_AT_ONCE,
    async (path, each) => judge(path, await listedTexts(files, path, each), each),
    signal,
  );
  if (unlisted.size === 0) return broken;
  const judgeAll = (listed: ReadonlyMap<string, ListedTexts>) =>
    forEachLimited(listed, INDEXES_AT_ONCE, ([path, own], each) => judge(path, own, each), signal);
  let some = new Map<string, ListedTexts>();
  for await (const { partition, objects } of textsByPartition(files, signal)) {
    if (!unlisted.delete(partition)) continue;
    some.set(partition, byName(files, partition, objects));
    if (some.size < INDEXES_AT_ONCE) continue;
    await judgeAll(some);
    some = new Map();
  }
  for (const path of unlisted.keys()) some.set(path, new Map());
  await judgeAll(some);
  return broken;
}

/** By the folders of partitions: whether what was listed has all text files of a generation. It saves reading its index again. */
const known = new Map<string, { readonly id: string; readonly listing: string; readonly isWhole: boolean }>();

const folderOfTexts = ({ store, at }: DatasetFiles, path: string) =>
  `${store.bucket}/${textsDirectory(at, path)}`;

const listingHash = (listed: ListedTexts) =>
  filesHash([...listed].map(([key, { etag, bytes }]) => ({ key, etag, bytes })));

/** Remembers that a listing has all text files of a generation. */
export function noteWholeTexts(files: DatasetFiles, path: string, id: string, listed: ListedTexts): void {
  known.set(folderOfTexts(files, path), { id, listing: listingHash(listed), isWhole: true });
}

async function areTextsWhole(
  files: DatasetFiles,
  path: string,
  { generation, id, texts }: Pointer,
  listed: ListedTexts,
  signal: AbortSignal,
): Promise<boolean> {
  if (texts === undefined) return true;
  const folder = folderOfTexts(files, path);
  const listing = listingHash(listed);
  const before = known.get(folder);
  if (before?.id === id && before.listing === listing) return before.isWhole;
  const entries = await findTextIndex(files, { partition: path, generation, id }, signal);
  const isWhole = entries !== undefined && areListed(entries, listed);
  known.set(folder, { id, listing, isWhole });
  return isWhole;
}

const stateOf = ({ content, built, publishedAt, texts }: Pointer, isWhole: boolean): PartitionState => ({
  version: contentVersion(content),
  ...(built === undefined ? {} : { builtFrom: built.inputs, code: built.code, record: built.record }),
  ...(built?.took === undefined ? {} : { took: built.took }),
  ...(texts?.filePer === undefined ? {} : { textsPer: { column: texts.filePer, files: texts.files } }),
  ...(built?.unstable === true ? { isUnstable: true } : {}),
  isWhole,
  publishedAt,
});

const folderOf = ({ at }: DatasetFiles, path: string, { generation, id }: Pointer) =>
  generationDirectory(at, path, generationName(generation, id));

const isAsWritten = ({ built }: Pointer, folder: string, hashes: ReadonlyMap<string, string>): boolean =>
  built !== undefined && (hashes.get(folder) ?? filesHash([])) === built.files;

/** By the folders of generations: a hash of the files that are there. */
async function hashesOf(
  files: DatasetFiles,
  column: string | undefined,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const found = new Map<string, { key: string; etag: string; bytes: number }[]>();
  for await (const { key, etag, bytes } of files.store.list(partitionsOfColumn(files.at, column), {
    signal,
  })) {
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const own = found.get(folder) ?? [];
    own.push({ key, etag: bareEtag(etag ?? ''), bytes });
    found.set(folder, own);
  }
  return new Map([...found].map(([folder, own]) => [folder, filesHash(own)]));
}

/** Whether the files of a generation are as they were written. */
export async function isGenerationWhole(
  files: DatasetFiles,
  path: string,
  pointer: Pointer,
  signal: AbortSignal,
): Promise<boolean> {
  const folder = folderOf(files, path, pointer);
  const listed: { key: string; etag: string; bytes: number }[] = [];
  for await (const { key, etag, bytes } of files.store.list(folder, { signal }))
    listed.push({ key, etag: bareEtag(etag ?? ''), bytes });
  if (filesHash(listed) !== pointer.built?.files) return false;
  return (
    pointer.texts === undefined ||
    areTextsWhole(files, path, pointer, await listedTexts(files, path, signal), signal)
  );
}
