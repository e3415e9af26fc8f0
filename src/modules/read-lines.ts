import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { freeMemory } from '../memory/free-memory.ts';
import type { TableColumn } from '../pipeline/datasets/parquet/column-type.ts';
import { rowLine } from '../pipeline/datasets/parquet/row-line.ts';
import { isWithin } from '../pipeline/datasets/partitions/partition-days.ts';
import { partitionRule } from '../pipeline/datasets/partitions/partition-rule.ts';
import type { JsonRecord } from '../pipeline/datasets/records/json-value.ts';
import { recordOf } from '../pipeline/datasets/records/map-record.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { Cell, RecordRow } from '../pipeline/datasets/records/record-row.ts';
import type { WholeLines } from '../pipeline/datasets/records/whole-lines.ts';
import { dataColumns } from './data-columns.ts';
import { forEachRecord, rejectOf } from './read-records.ts';
import type {
  DescribedColumn,
  LineBlock,
  LineContext,
  LineRules,
  RejectedRecord,
  ToThread,
} from './thread-messages.ts';

/** Reads blocks as lines for the engine. It runs in the module's thread. */
export function lineReader(
  rules: LineRules,
  columns: readonly DescribedColumn[],
  map: (record: JsonRecord) => RecordRow,
) {
  const data = dataColumns(rules, columns);
  return (message: ToThread, context: LineContext, progress: Int32Array): LineBlock => {
    const partitionOf = partitionRule(rules.partition, columns, context.days);
    const block = new BlockOfLines(rules, data, context.input);
    const take = (record: JsonRecord, index: number) => {
      const { cells } = map(record);
      block.add(index, partitionOf(cells), cells);
    };
    if ('records' in message) return block.finish(readRecords(message.records, progress, take));
    const outcome = readWholeLines(message.lines, progress, take);
    freeMemory(message.lines.bytes);
    return block.finish(outcome);
  };
}

type Take = (record: JsonRecord, index: number) => void;
type Outcome = Pick<LineBlock, 'rejects' | 'records' | 'refused'>;

const readRecords = (records: readonly RawRecord[], progress: Int32Array, take: Take): Outcome => ({
  records: records.length,
  rejects: forEachRecord(records, progress, (text, index) => take(recordOf(text), index)),
});

/** Up to the first line that is no record: what of it is one, or why it is none, is found byte by byte. */
function readWholeLines({ bytes, ends, line }: WholeLines, progress: Int32Array, take: Take): Outcome {
  const rejects: RejectedRecord[] = [];
  const textOf = lineTexts(bytes);
  if (textOf === undefined) return { records: 0, rejects, refused: 0 };
  let index = 0;
  for (let at = 0, start = 0; at < ends.length; start = ends[at++]!) {
    const text = textOf(start, ends[at]!);
    if (text === '') continue;
    Atomics.store(progress, 0, at);
    let record: JsonRecord;
    try {
      record = recordOf(text);
    } catch {
      return { records: index, rejects, refused: at };
    }
    try {
      take(record, index);
    } catch (error) {
      rejects.push(rejectOf(error, { index, line: line + at, text }));
    }
    index++;
  }
  return { records: index, rejects };
}

/** The text of a line, without blanks around it; undefined if some line is not UTF-8. */
function lineTexts(bytes: Uint8Array): ((start: number, end: number) => string) | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) return undefined;
  const encoding = isAscii(buffer) ? 'latin1' : 'utf8';
  return (start, end) => {
    const [from, to] = trimmed(buffer, start, end);
    return buffer.toString(encoding, from, to);
  };
}

const isBlank = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function trimmed(buffer: Buffer, from: number, to: number): [start: number, end: number] {
  let [start, end] = [from, to];
  while (start < end && isBlank(buffer[end - 1])) end--;
  while (start < end && isBlank(buffer[start])) start++;
  return [start, end];
}

/** Where the lines of a block are gathered, block after block. */
let gathered = Buffer.allocUnsafeSlow(1024 * 1024);

/** The rows of a block as lines, by partition. */
class BlockOfLines {
  readonly #range: LineRules['range'];
  readonly #columns: readonly TableColumn[];
  readonly #cellsOf: (cells: readonly Cell[]) => readonly Cell[];
  readonly #input: number;
  readonly #numbers = new Map<string, number>();
  readonly #indexes: number[] = [];
  readonly #owners: number[] = [];
  /** Of each row, where its line ends. */
  readonly #ends: number[] = [];
  #bytes = 0;

  constructor({ range }: LineRules, { columns, cellsOf }: ReturnType<typeof dataColumns>, input: number) {
    this.#range = range;
    this.#columns = columns;
    this.#cellsOf = cellsOf;
    this.#input = input;
  }

  add(index: number, partition: string, cells: readonly Cell[]): void {
    const line = rowLine(this.#columns, { cells: this.#cellsOf(cells), input: this.#input });
    let number = this.#numbers.get(partition);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(partition, number);
    }
    if (isWithin(partition, this.#range)) this.#gather(line);
    this.#indexes.push(index);
    this.#owners.push(number);
    this.#ends.push(this.#bytes);
  }

  #gather(line: string): void {
    // No character takes more than three bytes per UTF-16 unit.
    const most = this.#bytes + line.length * 3;
    if (most > gathered.length) {
      const larger = Buffer.allocUnsafeSlow(2 * most);
      gathered.copy(larger, 0, 0, this.#bytes);
      gathered = larger;
    }
    this.#bytes += gathered.write(line, this.#bytes);
  }

  finish(outcome: Outcome): LineBlock {
    return {
      ...this.#byPartition(),
      indexes: Int32Array.from(this.#indexes),
      owners: Int32Array.from(this.#owners),
      partitions: [...this.#numbers.keys()],
      ...outcome,
    };
  }

  #byPartition(): Pick<LineBlock, 'text' | 'ends'> {
    const ends = new Int32Array(this.#numbers.size);
    const lengthOf = (row: number) => this.#ends[row]! - (row === 0 ? 0 : this.#ends[row - 1]!);
    for (const [row, owner] of this.#owners.entries()) ends[owner]! += lengthOf(row);
    for (let number = 1; number < ends.length; number++) ends[number]! += ends[number - 1]!;
    const text = new Uint8Array(this.#bytes);
    const next = Array.from(ends, (_, number) => (number === 0 ? 0 : ends[number - 1]!));
    for (const [row, owner] of this.#owners.entries()) {
      const from = row === 0 ? 0 : this.#ends[row - 1]!;
      gathered.copy(text, next[owner]!, from, this.#ends[row]!);
      next[owner]! += lengthOf(row);
    }
    return { text, ends };
  }
}
