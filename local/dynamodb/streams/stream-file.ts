import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { RecordLog } from './record-log.ts';
import type { Sequence } from './sequence-numbers.ts';
import type { Stream, StreamState } from './stream.ts';

/** What a file is written from. */
export interface SavedStreams {
  readonly lastSequence: Sequence;
  readonly streams: readonly { readonly stream: Stream; readonly isLatest: boolean }[];
}

/** The first line of the file. */
interface Header {
  readonly lastSequence: Sequence;
  readonly streams: readonly { readonly state: StreamState; readonly isLatest: boolean }[];
  /** All records follow, one per line. If not, the server did not end in order, and the records are lost. */
  readonly hasRecords: boolean;
}

/** A line of the file: a record of a shard, or of no record but the newest one that was trimmed. */
interface Line {
  readonly stream: string;
  readonly shard: string;
  readonly trimmedUpTo?: Sequence;
  readonly record?: { readonly sequence: Sequence; readonly addedAtMs: number; readonly size: number };
  readonly json?: string;
}

interface ReadStreams extends Pick<Header, 'lastSequence' | 'streams'> {
  /** Adds all records to the logs of their shards. @returns false if the file has none, because they are lost */
  restoreRecords(logOf: (arn: string, shard: string) => RecordLog | undefined): boolean;
}

/**
 * The file in which streams outlive a restart. Streams and shards are written whenever they change, records when the
 * server ends: after a crash they are lost, and every position in the shards counts as trimmed.
 */
export class StreamFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined if there is no file. */
  read(): ReadStreams | undefined {
    if (!existsSync(this.#path)) return undefined;
    const [first = '', ...lines] = readFileSync(this.#path, 'utf8').split('\n');
    const { lastSequence, streams, hasRecords } = JSON.parse(first) as Header;
    return {
      lastSequence,
      streams,
      restoreRecords(logOf) {
        for (const line of lines.filter(Boolean)) {
          const { stream, shard, trimmedUpTo, record, json } = JSON.parse(line) as Line;
          const log = logOf(stream, shard);
          if (log === undefined) continue;
          if (trimmedUpTo !== undefined) log.trimmedUpTo = trimmedUpTo;
          if (record !== undefined && json !== undefined) log.add(record, json);
        }
        return hasRecords;
      },
    };
  }

  /** Replaces the file. */
  write({ lastSequence, streams }: SavedStreams, hasRecords: boolean): void {
    const states = streams.map(({ stream, isLatest }) => ({ state: stream.state, isLatest }));
    const header: Header = { lastSequence, streams: states, hasRecords };
    const draft = `${this.#path}.new`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify(header)}\n`);
      if (hasRecords) for (const { stream } of streams) writeRecords(file, stream);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#path);
  }
}

function writeRecords(file: number, { arn, shards }: Stream): void {
  for (const { id, records } of shards) {
    const place = { stream: arn, shard: id };
    writeFileSync(file, `${JSON.stringify({ ...place, trimmedUpTo: records.trimmedUpTo } satisfies Line)}\n`);
    for (const { sequence, addedAtMs, size, bytes } of records.after(0)) {
      const line: Line = { ...place, record: { sequence, addedAtMs, size }, json: bytes.toString() };
      writeFileSync(file, `${JSON.stringify(line)}\n`);
    }
  }
}
