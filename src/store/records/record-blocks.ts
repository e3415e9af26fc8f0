import { type RawRecord, RawRecords } from '../../pipeline/datasets/records/raw-records.ts';
import { decompressedByContent } from './decompressed.ts';

/** Records that are given to the record module together. */
export type RecordBlock = readonly RawRecord[];

export const MAX_RECORDS = 1000;
const MAX_CHARACTERS = 2 * 1024 * 1024;

/**
 * The records of a file, in blocks, from its bytes as they are stored. Memory is bounded by a block, a piece and a record.
 * @throws NotDecompressed if the file is compressed, and damaged or incomplete
 */
export async function* recordBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RecordBlock> {
  const records = new RawRecords();
  for await (const piece of decompressedByContent(bytes)) yield* inBlocks(records.push(piece));
  yield* inBlocks(records.finish());
}

export function* inBlocks(records: readonly RawRecord[]): Generator<RecordBlock> {
  let block: RawRecord[] = [];
  let characters = 0;
  for (const record of records) {
    block.push(record);
    characters += record.text.length;
    if (block.length < MAX_RECORDS && characters < MAX_CHARACTERS) continue;
    yield block;
    block = [];
    characters = 0;
  }
  if (block.length > 0) yield block;
}
