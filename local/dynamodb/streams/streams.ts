import type { AdjustableClock } from '../adjustable-clock.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { Stream, type StreamedTable } from './stream.ts';
import type { ViewType } from './stream-record.ts';

/** All streams, of tables that exist and of deleted ones. */
export class Streams {
  readonly clock: AdjustableClock;
  readonly sequences: SequenceNumbers;
  readonly #byArn = new Map<string, Stream>();
  /** The newest stream of each table by name. */
  readonly #latest = new Map<string, Stream>();

  constructor(clock: AdjustableClock) {
    this.clock = clock;
    this.sequences = new SequenceNumbers(clock.nowMs());
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
    const { clock, sequences } = this;
    const stream = new Stream({ table, viewType, partitions, clock, sequences, label: this.#label(table) });
    this.#byArn.set(stream.arn, stream);
    this.#latest.set(table.name, stream);
    return stream;
  }

  /** The table was deleted: its stream can be read for 24 hours more. */
  forgetTable(name: string): void {
    this.#latest.get(name)?.disable();
    this.#latest.delete(name);
  }

  /** The time, which no other stream of the table has. */
  #label({ arn }: StreamedTable): string {
    for (let atMs = this.clock.nowMs(); ; atMs++) {
      const label = new Date(atMs).toISOString().slice(0, -1);
      if (!this.#byArn.has(`${arn}/stream/${label}`)) return label;
    }
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
