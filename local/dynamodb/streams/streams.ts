import type { TableClocks } from '../table-clocks.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { Stream, type StreamedTable } from './stream.ts';
import type { SavedStreams, StreamFile } from './stream-file.ts';
import type { ViewType } from './stream-record.ts';

const MEGABYTE = 1024 * 1024;

interface StreamsOptions {
  readonly clocks: TableClocks;
  /** What records may occupy. Above it the oldest are trimmed, as if their 24 hours had passed. */
  readonly maxBytes: number;
  /** Where streams outlive a restart. Default: they do not. */
  readonly file?: StreamFile | undefined;
}

/** All streams, of tables that exist and of deleted ones. */
export class Streams {
  readonly sequences: SequenceNumbers;
  readonly #options: StreamsOptions;
  readonly #byArn = new Map<string, Stream>();
  /** The newest stream of each table by name. */
  readonly #latest = new Map<string, Stream>();
  #bytesSinceCheck = 0;

  constructor(options: StreamsOptions) {
    const saved = options.file?.read();
    this.#options = options;
    this.sequences = new SequenceNumbers(Date.now(), saved?.lastSequence);
    for (const { state, isLatest } of saved?.streams ?? [])
      this.#add(new Stream(state, this.#contextOf(state.table)), isLatest);
    if (saved === undefined) return;
    const isWhole = saved.restoreRecords((arn, shard) => this.#byArn.get(arn)?.shard(shard)?.records);
    if (!isWhole) {
      for (const { shards } of this.#byArn.values())
        for (const { records } of shards) records.trimmedUpTo = this.sequences.last;
    }
    this.#save();
  }

  /** Saves the records as well. Afterwards, nothing must be recorded. */
  close(): void {
    this.#options.file?.write(this.#saved(), true);
  }

  /** Those that DynamoDB still has, oldest first. */
  all(): Stream[] {
    for (const [arn, stream] of this.#byArn) {
      stream.expire();
      if (stream.isGone) this.#byArn.delete(arn);
    }
    return [...this.#byArn.values()];
  }

  byArn(arn: string): Stream | undefined {
    const stream = this.#byArn.get(arn);
    stream?.expire();
    return stream?.isGone === true ? undefined : stream;
  }

  /** The newest stream of a table, enabled or not. @param table its name or ARN */
  latestOf(table: string): Stream | undefined {
    return (
      this.#latest.get(table) ?? (table.startsWith('arn:') ? this.#latest.get(nameOf(table)) : undefined)
    );
  }

  /** The stream that records the changes of a table. @param table its name or ARN */
  enabledOf(table: string): Stream | undefined {
    const stream = this.latestOf(table);
    return stream?.isEnabled === true ? stream : undefined;
  }

  get hasEnabled(): boolean {
    for (const stream of this.#latest.values()) if (stream.isEnabled) return true;
    return false;
  }

  enable(table: StreamedTable, viewType: ViewType, partitions: number): Stream {
    const stream = Stream.enable(
      { table, viewType, label: this.#label(table) },
      partitions,
      this.#contextOf(table),
    );
    this.#add(stream, true);
    this.#save();
    return stream;
  }

  /** The table was deleted: its stream can be read for 24 hours more. */
  forgetTable(name: string): void {
    if (!this.#latest.has(name)) return;
    this.#latest.get(name)?.disable();
    this.#latest.delete(name);
    this.#save();
  }

  #contextOf({ name }: StreamedTable) {
    return {
      clock: this.#options.clocks.of(name),
      sequences: this.sequences,
      changed: () => this.#save(),
      recorded: (bytes: number) => {
        this.#bytesSinceCheck += bytes;
        if (this.#bytesSinceCheck > MEGABYTE) this.#limitMemory();
      },
    };
  }

  #add(stream: Stream, isLatest: boolean): void {
    this.#byArn.set(stream.arn, stream);
    if (isLatest) this.#latest.set(stream.table.name, stream);
  }

  #saved(): SavedStreams {
    const streams = [...this.#byArn.values()].map((stream) => ({
      stream,
      isLatest: this.#latest.get(stream.table.name) === stream,
    }));
    return { lastSequence: this.sequences.last, streams };
  }

  #save(): void {
    this.#options.file?.write(this.#saved(), false);
  }

  #limitMemory(): void {
    this.#bytesSinceCheck = 0;
    const logs = [...this.#byArn.values()].flatMap(({ shards }) => shards.map(({ records }) => records));
    let excess = logs.reduce((total, { bytes }) => total + bytes, 0) - this.#options.maxBytes;
    while (excess > 0) {
      const ages = logs.map(({ oldest }) => oldest?.sequence ?? Number.POSITIVE_INFINITY);
      const log = logs[ages.indexOf(Math.min(...ages))]!;
      let left = Math.min(excess, MEGABYTE);
      excess -= left;
      log.trimWhile((_addedAtMs, bytes) => {
        left -= bytes;
        return left + bytes > 0;
      });
    }
  }

  /** The time, which no other stream of the table has. */
  #label({ arn, name }: StreamedTable): string {
    for (let atMs = this.#options.clocks.of(name).nowMs(); ; atMs++) {
      const label = new Date(atMs).toISOString().slice(0, -1);
      if (!this.#byArn.has(`${arn}/stream/${label}`)) return label;
    }
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
