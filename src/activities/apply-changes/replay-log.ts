import { Terminal } from '../../clients/errors.ts';
import type { EntriesTried, SetAsideThen } from '../../contract/changes/reapply.ts';
import { keyHash } from '../../pipeline/changes/apply-keys.ts';
import { logEntriesQuery, type SetAsideEntry, setAsideOf } from '../../pipeline/changes/set-aside.ts';
import { LastImages } from '../../store/changes/last-images.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { readLogCheckpoint } from '../../store/changes/log-files.ts';
import { readRecords } from '../../store/changes/record-files.ts';
import { query } from '../sql/transaction.ts';
import { type ImageReading, madeOtherwise } from './image-reading.ts';
import type { Destination } from './open-destination.ts';
import type { SchemaInUse } from './schema-in-use.ts';

/** Entries that one round reads, and as many keys as an order may name. */
const ENTRIES_AT_ONCE = 1000;

export interface SetAsideImages extends EntriesTried {
  readonly images: LastImages;
}

/**
 * The images that were set aside, read from the log again. Each is its key's last one up to the schema's positions: the next
 * one would have cleared the entry.
 * @returns those of some entries, in order, and which entry the next ones are behind
 */
export async function setAsideImages(
  { database }: Destination,
  { schema }: SchemaInUse,
  log: ChangeLog,
  { setAside }: SetAsideThen,
  {
    reading,
    mostBytes,
    signal,
    onStep,
  }: {
    readonly reading: ImageReading;
    readonly mostBytes: number;
    readonly signal: AbortSignal;
    readonly onStep: () => void;
  },
): Promise<SetAsideImages> {
  const sql = logEntriesQuery(schema, log.at.epoch, { ...setAside, atMost: ENTRIES_AT_ONCE });
  const [rows = []] = await query(database, `tributary set aside in ${schema}`, [sql], signal);
  const entries = setAsideOf(rows);
  const images = new LastImages(reading.key);
  let gone = 0;
  let last: SetAsideEntry | undefined;
  const groups = Map.groupBy(entries, ({ shard, checkpoint }) => JSON.stringify([shard, checkpoint]));
  for (const group of groups.values()) {
    if (images.heldBytes >= mostBytes) break;
    const before = images.size;
    await takeGroup(log, group, images, { reading, signal });
    gone += group.length - (images.size - before);
    last = group.at(-1);
    onStep();
  }
  const isAll = last === entries.at(-1) && entries.length < ENTRIES_AT_ONCE;
  return {
    images,
    ...(gone === 0 ? {} : { gone }),
    ...(isAll || last === undefined ? {} : { more: placeOf(last) }),
  };
}

const placeOf = ({ shard, checkpoint, keyHash: hash }: SetAsideEntry) => ({
  shard,
  checkpoint,
  keyHash: hash,
});

/** Entries of one checkpoint. If the log no longer has it, or its images were made otherwise, none is taken. */
async function takeGroup(
  log: ChangeLog,
  group: readonly SetAsideEntry[],
  images: LastImages,
  { reading, signal }: { readonly reading: ImageReading; readonly signal: AbortSignal },
): Promise<void> {
  const [{ shard, checkpoint: number }] = group as [SetAsideEntry];
  const wanted = new Set(group.map(({ keyHash: hash }) => hash));
  try {
    const checkpoint = await readLogCheckpoint(log, shard, number, signal);
    if (madeOtherwise(checkpoint, reading) !== undefined) return;
    for await (const records of readRecords(log, checkpoint, signal)) {
      for (const record of records)
        if (wanted.has(keyHash(reading.key, record.key))) images.take(record, { shard, checkpoint: number });
    }
  } catch (error) {
    if (!(error instanceof Terminal) || error.code !== 'FileMissing') throw error;
  }
}
