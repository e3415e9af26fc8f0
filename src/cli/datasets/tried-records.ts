import type { DescribedColumn, RejectedRecord } from '../../modules/thread-messages.ts';
import { type ColumnType, typeText } from '../../pipeline/datasets/records/column-type.ts';
import type { Cell } from '../../pipeline/datasets/records/record-row.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';

export interface TriedRow {
  readonly index: number;
  readonly line: number;
  readonly cells: readonly Cell[];
  readonly partition: string;
}

/** The row of one record, or why it has none. */
export type Tried = TriedRow | RejectedRecord;

const SHOWN = 20;
const MAX_VALUE_WIDTH = 60;
const MAX_RAW_WIDTH = 100;

/** Counts all records, and keeps the first for display. */
export class TriedRecords {
  rejects = 0;
  #rows = 0;
  readonly #columns: readonly DescribedColumn[];
  readonly #limit: number;
  readonly #shown: TriedRow[] = [];
  readonly #rejected: RejectedRecord[] = [];
  readonly #partitions = new Map<string, number>();

  constructor(columns: readonly DescribedColumn[], limit = SHOWN) {
    this.#columns = columns;
    this.#limit = limit;
  }

  add(tried: Tried): void {
    if ('reason' in tried) {
      this.rejects++;
      if (this.#rejected.length < this.#limit) this.#rejected.push(tried);
      return;
    }
    this.#rows++;
    this.#partitions.set(tried.partition, (this.#partitions.get(tried.partition) ?? 0) + 1);
    if (this.#shown.length < this.#limit) this.#shown.push(tried);
  }

  /** @param version of the module */
  text(version: string): string {
    const { dim, bold } = paletteFor(process.stdout);
    const lines = [
      ...this.#shown.flatMap((row) => [
        bold(`line ${row.line}, ${row.partition}`),
        ...this.#rowLines(row),
        '',
      ]),
      ...textTable(
        [{ title: 'PARTITION' }, { title: 'ROWS', align: 'right' }],
        [...this.#partitions]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([path, rows]) => [path, String(rows)]),
        dim,
      ),
      ...(this.rejects === 0
        ? []
        : [
            '',
            ...textTable(
              [{ title: 'LINE', align: 'right' }, { title: 'SET ASIDE' }],
              this.#rejectCells(),
              dim,
            ),
          ]),
      '',
      `${counted(this.#rows, 'row')} in ${counted(this.#partitions.size, 'partition')}, ${counted(this.rejects, 'record')} set aside; module ${version}`,
    ];
    return `${lines.join('\n')}\n`;
  }

  #rowLines({ cells }: TriedRow): string[] {
    const rows = this.#columns.map(({ name, type }, i) => [
      `  ${name}`,
      typeText(type),
      clipped(shown(cells[i] ?? null, type), MAX_VALUE_WIDTH),
    ]);
    return textTable([{ title: '' }, { title: '' }, { title: '' }], rows);
  }

  #rejectCells(): string[][] {
    return this.#rejected.flatMap(({ line, reason, detail, raw }) => [
      [String(line), detail === undefined ? reason : `${reason}: ${clipped(detail, MAX_RAW_WIDTH)}`],
      ['', clipped(raw, MAX_RAW_WIDTH)],
    ]);
  }
}

/** One line of JSON for a record. 64-bit integers and decimals are text, because readers of JSON round numbers. */
export function jsonLine(file: string, columns: readonly DescribedColumn[], tried: Tried): string {
  if ('reason' in tried) {
    const { index: _, ...reject } = tried;
    return `${JSON.stringify({ file, ...reject })}\n`;
  }
  const { line, partition, cells } = tried;
  const row = Object.fromEntries(columns.map(({ name, type }, i) => [name, asJson(cells[i] ?? null, type)]));
  return `${JSON.stringify({ file, line, partition, row })}\n`;
}

function shown(cell: Cell, type: ColumnType): string {
  if (cell === null) return 'NULL';
  const value = asJson(cell, type);
  if (type.kind === 'string') return JSON.stringify(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function asJson(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64');
  if (type.kind === 'timestamp') return timeText(BigInt(cell as string));
  if (type.kind === 'list') return (cell as readonly Cell[]).map((member) => asJson(member, type.of));
  if (type.kind === 'struct')
    return Object.fromEntries(
      type.fields.map((field, i) => [field.name, asJson((cell as readonly Cell[])[i] ?? null, field.type)]),
    );
  return cell;
}

const MILLION = 1_000_000n;

function timeText(microseconds: bigint): string {
  const rest = ((microseconds % MILLION) + MILLION) % MILLION;
  const seconds = new Date(Number((microseconds - rest) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(rest).padStart(6, '0')}Z`;
}
