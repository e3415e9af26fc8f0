import { Buffer } from 'node:buffer';
import { freeMemory } from '../../memory/free-memory.ts';
import { type RawRecord, RawRecords } from '../../pipeline/datasets/records/raw-records.ts';
import type { WholeLines } from '../../pipeline/datasets/records/whole-lines.ts';
import { decompressedByContent } from './decompressed.ts';
import { inBlocks, MAX_RECORDS } from './record-blocks.ts';

/** What of a file is read together. */
export type FilePart =
  | {
      readonly lines: WholeLines;
      /** This line is no record, but perhaps a part of one, or several: from it on, records are looked for. @param line counted from 0 */
      readonly refuse: (line: number) => void;
    }
  | { readonly records: readonly RawRecord[] };

/** Longer lines are not gathered. */
const MAX_LINE_BYTES = 1024 * 1024;
/** As many bytes are searched until lines may be whole again. */
const SEARCHED_BYTES = 256 * 1024;

const LF = 0x0a;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The parts of a file, from its bytes as they are stored. Most files have one record per line, and whether a line is one is known once it
 * is parsed. So lines are passed on as they are; where one is refused, the records are found byte by byte, until they end where a line
 * may begin. The records, their lines and their order are those of `recordBlocks`. A part is valid until the next is taken.
 * @param bytes whose memory is freed
 * @throws NotDecompressed if the file is compressed, and damaged or incomplete
 */
export async function* fileParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  const reader = new PartReader();
  for await (const piece of decompressedByContent(bytes)) yield* reader.parts(piece, false);
  yield* reader.parts(new Uint8Array(), true);
}

class PartReader {
  /** What was not passed on, at the beginning of memory that is used again and again. */
  #memory = Buffer.alloc(0);
  #held = 0;
  #line = 1;
  #isStart = true;
  /** While lines are no records. */
  #records: RawRecords | undefined;

  *parts(piece: Uint8Array, isEnd: boolean): Generator<FilePart> {
    const held = this.#hold(piece);
    let at = this.#afterMark(held);
    while (at < held.length) {
      if (this.#records !== undefined) {
        const from = at;
        at = searchedEnd(held, from);
        yield* this.#search(held.subarray(from, at));
        continue;
      }
      const lines = wholeLines(held, at, this.#line, isEnd);
      if (lines === undefined) {
        if (held.length - at <= MAX_LINE_BYTES) break;
        this.#records = new RawRecords(this.#line);
        continue;
      }
      let refused: number | undefined;
      yield {
        lines,
        refuse: (line) => {
          refused = line;
        },
      };
      at += refused === undefined ? lines.bytes.length : refused === 0 ? 0 : lines.ends[refused - 1]!;
      this.#line += refused ?? lines.ends.length;
      if (refused !== undefined) this.#records = new RawRecords(this.#line);
    }
    this.#held = held.copy(this.#memory, 0, at);
    if (isEnd && this.#records !== undefined)
      for (const records of inBlocks(this.#records.finish())) yield { records };
  }

  #hold(piece: Uint8Array): Buffer {
    const bytes = this.#held + piece.byteLength;
    if (bytes > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(2 * bytes);
      this.#memory.copy(larger, 0, 0, this.#held);
      freeMemory(this.#memory);
      this.#memory = larger;
    }
    this.#memory.set(piece, this.#held);
    freeMemory(piece);
    return this.#memory.subarray(0, bytes);
  }

  #afterMark(held: Buffer): number {
    if (!this.#isStart || held.length < MARK.length) return 0;
    this.#isStart = false;
    return held.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  }

  *#search(piece: Buffer): Generator<FilePart> {
    const found = this.#records!;
    for (const records of inBlocks(found.push(piece))) yield { records };
    if (!found.isBetween) return;
    this.#line = found.line;
    this.#records = undefined;
  }
}

/** Behind a whole line, if there is one: records usually end with a line. */
function searchedEnd(held: Buffer, from: number): number {
  const end = Math.min(held.length, from + SEARCHED_BYTES);
  const lineEnd = held.lastIndexOf(LF, end - 1);
  return lineEnd < from ? end : lineEnd + 1;
}

/** @returns undefined if no line ends there */
function wholeLines(held: Buffer, from: number, line: number, isEnd: boolean): WholeLines | undefined {
  const ends: number[] = [];
  let at = from;
  while (ends.length < MAX_RECORDS && at < held.length) {
    const end = held.indexOf(LF, at);
    if (end < 0 && !isEnd) break;
    const next = end < 0 ? held.length : end + 1;
    if (next - from > MAX_LINE_BYTES && ends.length > 0) break;
    at = next;
    ends.push(at - from);
  }
  if (ends.length === 0 || at - from > MAX_LINE_BYTES) return undefined;
  return { bytes: held.subarray(from, at), ends: Int32Array.from(ends), line };
}
