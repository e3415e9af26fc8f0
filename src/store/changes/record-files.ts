import type { SentBytes, StreamRecord } from '../../clients/change-stream.ts';
import { Terminal } from '../../clients/errors.ts';
import type { ETag } from '../../clients/object-store.ts';
import { recordsKey } from '../../pipeline/changes/change-directory.ts';
import type { ChangeRecord } from '../../pipeline/changes/change-record.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { LINE_FEED } from '../../transcode/bytes.ts';
import { decompressedBytes, decompressedLines, PartBuffer } from '../part-buffer.ts';
import type { LastImages } from './last-images.ts';
import type { ChangeLog } from './log-documents.ts';

/** Files of changes: one JSON document per line, in the shard's order, in one zstd frame. */

type RecordsFile = NonNullable<LogCheckpoint['file']>;

/** The records of one cut of a shard while they are gathered. */
export class RecordsWriter {
  readonly #buffer = new PartBuffer('zstd');
  #jsonBytes = 0;

  append(record: ChangeRecord): void {
    const before = this.#buffer.pending.length;
    this.#buffer.append(`${JSON.stringify(record)}\n`, 1);
    this.#jsonBytes += this.#buffer.pending.length - before;
  }

  /** Takes a record as it was sent: `record` with the key and images in place of its own. */
  appendSent(record: Pick<StreamRecord, 'sequence' | 'kind' | 'at' | 'expired'>, sent: SentBytes): void {
    const { sequence, kind, at, expired } = record;
    const { pending } = this.#buffer;
    const before = pending.length;
    pending.append(`{"sequence":"${sequence}","kind":"${kind}","at":${at}`, 0);
    for (const name of ['key', 'image', 'before'] as const) {
      const span = sent[name];
      if (span === undefined) continue;
      pending.append(`,"${name}":`, 0);
      pending.appendBytes(sent.body, span.start, span.end);
    }
    pending.append(expired ? ',"expired":true}\n' : '}\n', 1);
    this.#jsonBytes += pending.length - before;
  }

  get records(): number {
    return this.#buffer.rows;
  }

  /** Bytes of JSON, before compression: what `cutBytes` bounds. */
  get jsonBytes(): number {
    return this.#jsonBytes;
  }

  /** Roughly the bytes it holds in memory. */
  get heldBytes(): number {
    return this.#buffer.heldBytes;
  }

  /** Compresses what has grown to a block. Await it after every page, so that memory stays bounded. */
  drain(): Promise<void> {
    return this.#buffer.drain();
  }

  /**
   * Writes the file.
   * @param attempt random id of the execution: the file counts only if a checkpoint with the same id names it
   */
  async write(
    { store, at }: ChangeLog,
    { shard, number, attempt }: Pick<LogCheckpoint, 'shard' | 'number' | 'attempt'>,
    signal: AbortSignal,
  ): Promise<RecordsFile> {
    const { records } = this;
    const body = await this.#buffer.finish();
    const key = recordsKey({ ...at, shard }, number, attempt);
    const etag = await store.put(key, body, { signal });
    return { key, etag, records, bytes: body.byteLength };
  }

  /** Releases what it holds without writing it. */
  discard(): void {
    this.#buffer.discard();
  }
}

/**
 * The changes of a checkpoint, in the shard's order, some at a time. Attribute names and values are exactly as they were
 * received: also an attribute named `__proto__` is an own property.
 * @throws Terminal `FileMissing`; `DamagedFile` if the file is not the one that the checkpoint names
 */
export async function* readRecords(
  log: ChangeLog,
  checkpoint: Pick<LogCheckpoint, 'file'>,
  signal?: AbortSignal,
): AsyncGenerator<ChangeRecord[]> {
  const found = await findRecords(log, checkpoint, signal);
  if (found === undefined) return;
  const { file, body, damaged } = found;
  let records = 0;
  for await (const lines of intact(decompressedLines(file.key, body), damaged)) {
    signal?.throwIfAborted();
    records += lines.length;
    yield lines.map((line) => parsed(() => parseExactly(line) as ChangeRecord, damaged));
  }
  if (records !== file.records) throw miscounted(records, file, damaged);
}

/**
 * Takes all changes of a checkpoint, without parsing their images.
 * @throws Terminal like `readRecords`
 */
export async function takeLastImages(
  log: ChangeLog,
  { file: named, shard, number }: Pick<LogCheckpoint, 'file' | 'shard' | 'number'>,
  images: LastImages,
  signal?: AbortSignal,
): Promise<void> {
  const found = await findRecords(log, { file: named }, signal);
  if (found === undefined) return;
  const { file, body, damaged } = found;
  const at = { shard, checkpoint: number };
  let records = 0;
  for await (const lines of intact(decompressedBytes(file.key, body), damaged)) {
    signal?.throwIfAborted();
    for (let start = 0; start < lines.length; records++) {
      const feed = lines.indexOf(LINE_FEED, start);
      const end = feed < 0 ? lines.length : feed;
      const from = start;
      parsed(() => images.takeLine(lines, from, end, at), damaged);
      start = end + 1;
    }
  }
  if (records !== file.records) throw miscounted(records, file, damaged);
}

type Damaged = (how: string) => Terminal;

interface FoundRecords {
  readonly file: RecordsFile;
  readonly body: Uint8Array;
  /** The error for a file that is not as its checkpoint says. */
  readonly damaged: Damaged;
}

/** @returns undefined if the checkpoint has no file @throws Terminal `FileMissing`, `DamagedFile` */
async function findRecords(
  { store }: ChangeLog,
  { file }: Pick<LogCheckpoint, 'file'>,
  signal: AbortSignal | undefined,
): Promise<FoundRecords | undefined> {
  if (file === undefined) return undefined;
  const object = await store.get(file.key, { signal });
  const address = `s3://${store.bucket}/${file.key}`;
  const remedy = 'Restore it. If that is impossible, changes are lost: refresh the destinations.';
  const damaged = (how: string) => new Terminal('DamagedFile', `${address} ${how}. ${remedy}`);
  if (object === undefined)
    throw new Terminal(
      'FileMissing',
      `A checkpoint of the change log names ${address}, but the file was removed. ${remedy}`,
    );
  if (object.etag !== (file.etag as ETag))
    throw damaged(`was replaced: its ETag is ${object.etag}, and the checkpoint names ${file.etag}`);
  return { file, body: object.body, damaged };
}

const miscounted = (records: number, file: RecordsFile, damaged: Damaged) =>
  damaged(`has ${records} changes, and the checkpoint counted ${file.records}`);

function parsed<T>(parse: () => T, damaged: Damaged): T {
  try {
    return parse();
  } catch (error) {
    // Omits the parser's message, which quotes the change.
    if (error instanceof SyntaxError) throw damaged('has a line that is not JSON');
    throw error;
  }
}

/** What the decompressor refuses is an error of the file, never of the caller that takes the lines. */
async function* intact<T>(lines: AsyncGenerator<T>, damaged: Damaged): AsyncGenerator<T> {
  for (;;) {
    let next: IteratorResult<T>;
    try {
      next = await lines.next();
    } catch {
      throw damaged('cannot be decompressed');
    }
    if (next.done) return;
    yield next.value;
  }
}
