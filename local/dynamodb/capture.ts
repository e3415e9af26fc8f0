import type { RecoveredTable } from './exports/recovery.ts';
import type { KeyNames } from './item-key.ts';
import type { StreamedTable } from './streams/stream.ts';
import type { Change } from './streams/stream-record.ts';

/** A table whose changes are recorded: in its stream, for its exports, or for both. */
export interface CapturedTable {
  readonly table: StreamedTable;
  readonly keyNames: KeyNames;
  record(change: Change): void;
  /** What changed is not known. */
  lose(): void;
}

/** What records the changes of some tables. */
interface Recorder {
  enabledOf(table: string): CapturedTable | undefined;
  readonly hasEnabled: boolean;
}

/** Hands the changes of a table to everything that records them. */
export class Capture {
  readonly #streams: Recorder;
  readonly #recovery: Recorder & { enabledOf(table: string): RecoveredTable | undefined };

  constructor(
    streams: Recorder,
    recovery: Recorder & { enabledOf(table: string): RecoveredTable | undefined },
  ) {
    this.#streams = streams;
    this.#recovery = recovery;
  }

  /** @param table its name or ARN. Undefined if nothing records its changes. */
  enabledOf(table: string): CapturedTable | undefined {
    const stream = this.#streams.enabledOf(table);
    const recovered = this.#recovery.enabledOf(table);
    if (stream === undefined || recovered === undefined) return stream ?? recovered;
    return {
      table: stream.table,
      keyNames: stream.keyNames,
      record(change) {
        stream.record(change);
        recovered.record(change);
      },
      lose() {
        stream.lose();
        recovered.lose();
      },
    };
  }

  get hasEnabled(): boolean {
    return this.#streams.hasEnabled || this.#recovery.hasEnabled;
  }
}
