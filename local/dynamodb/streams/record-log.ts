import type { Sequence } from './sequence-numbers.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Records that were added one after another. Their texts are outside V8's heap. */
interface Chunk {
  readonly bytes: Buffer;
  /** Of each record: its sequence number, when it was added, its end in `bytes`, and its size as DynamoDB counts. */
  readonly sequences: Sequence[];
  readonly addedAtMs: number[];
  readonly ends: number[];
  readonly sizes: number[];
}

export interface LoggedRecord {
  readonly sequence: Sequence;
  readonly addedAtMs: number;
  /** As DynamoDB counts it. */
  readonly size: number;
  /** Its JSON. */
  readonly bytes: Buffer;
}

/** The records of one shard, oldest first. They are added at the end, and trimmed at the front. */
export class RecordLog {
  #chunks: Chunk[] = [];
  /** How many records of the first chunk are trimmed. */
  #trimmedOfFirst = 0;
  #count = 0;
  #bytes = 0;
  /** The newest record that was trimmed; 0 if none was. */
  trimmedUpTo: Sequence = 0;

  get count(): number {
    return this.#count;
  }

  /** What the records occupy. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): LoggedRecord | undefined {
    return this.after(0).next().value;
  }

  add(record: Omit<LoggedRecord, 'bytes'>, json: string): void {
    const length = Buffer.byteLength(json);
    let chunk = this.#chunks.at(-1);
    let start = chunk?.ends.at(-1) ?? 0;
    if (chunk === undefined || start + length > chunk.bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
      chunk = { bytes, sequences: [], addedAtMs: [], ends: [], sizes: [] };
      this.#chunks.push(chunk);
      start = 0;
    }
    chunk.bytes.write(json, start);
    chunk.sequences.push(record.sequence);
    chunk.addedAtMs.push(record.addedAtMs);
    chunk.ends.push(start + length);
    chunk.sizes.push(record.size);
    this.#count += 1;
    this.#bytes += length;
  }

  /** The records with greater sequence numbers. */
  *after(sequence: Sequence): Generator<LoggedRecord, undefined> {
    const first = Math.max(
      0,
      firstIndex(this.#chunks.length, (index) => this.#chunks[index]!.sequences[0]! > sequence) - 1,
    );
    for (let index = first; index < this.#chunks.length; index++) {
      const { bytes, sequences, addedAtMs, ends, sizes } = this.#chunks[index]!;
      let at = firstIndex(sequences.length, (each) => sequences[each]! > sequence);
      if (index === 0) at = Math.max(at, this.#trimmedOfFirst);
      for (; at < sequences.length; at++) {
        yield {
          sequence: sequences[at]!,
          addedAtMs: addedAtMs[at]!,
          size: sizes[at]!,
          bytes: bytes.subarray(ends[at - 1] ?? 0, ends[at]),
        };
      }
    }
    return undefined;
  }

  /** Removes records from the front for as long as `shall`, of what occupies so many bytes. @returns how many */
  trimWhile(shall: (addedAtMs: number, bytes: number) => boolean): number {
    let trimmed = 0;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const { sequences, addedAtMs, ends } = chunk;
      let at = this.#trimmedOfFirst;
      for (; at < sequences.length; at++) {
        const bytes = ends[at]! - (ends[at - 1] ?? 0);
        if (!shall(addedAtMs[at]!, bytes)) break;
        this.trimmedUpTo = sequences[at]!;
        this.#bytes -= bytes;
        trimmed += 1;
      }
      this.#trimmedOfFirst = at;
      if (at < sequences.length) break;
      this.#chunks.shift();
      this.#trimmedOfFirst = 0;
    }
    this.#count -= trimmed;
    return trimmed;
  }
}

/** The first index for which it holds, given that it holds for all after it. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
