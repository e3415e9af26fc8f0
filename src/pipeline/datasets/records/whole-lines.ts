/** Lines of a file, as bytes. Each is probably a record. */
export interface WholeLines {
  readonly bytes: Uint8Array;
  /** Where each ends in the bytes, its line break included; the last of a file may have none. */
  readonly ends: Int32Array;
  /** The number of the first in the file, from 1. */
  readonly line: number;
}

/** Some of the lines. @param from the first, from 0 @param to behind the last */
export function someLines({ bytes, ends, line }: WholeLines, from: number, to: number): WholeLines {
  const start = from === 0 ? 0 : ends[from - 1]!;
  return {
    bytes: bytes.subarray(start, ends[to - 1]),
    ends: ends.slice(from, to).map((end) => end - start),
    line: line + from,
  };
}
