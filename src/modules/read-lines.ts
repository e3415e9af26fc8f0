import { Buffer } from 'node:buffer';
import { rowLine } from '../pipeline/datasets/parquet/row-line.ts';
import { isWithin } from '../pipeline/datasets/partitions/partition-days.ts';
import { partitionRule } from '../pipeline/datasets/partitions/partition-rule.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { RecordRow } from '../pipeline/datasets/records/record-row.ts';
import { dataColumns } from './data-columns.ts';
import { forEachRecord } from './read-records.ts';
import type { DescribedColumn, LineBlock, LineContext, LineRules } from './thread-messages.ts';

/** Reads blocks as lines for the engine. It runs in the module's thread. */
export function lineReader(
  { partition, range }: LineRules,
  columns: readonly DescribedColumn[],
  map: (text: string) => RecordRow,
) {
  const data = dataColumns({ partition }, columns);
  return (records: readonly RawRecord[], { input, days }: LineContext, progress: Int32Array): LineBlock => {
    const partitionOf = partitionRule(partition, columns, days);
    const numbers = new Map<string, number>();
    const indexes: number[] = [];
    const owners: number[] = [];
    let text = '';
    const rejects = forEachRecord(records, progress, (record, index) => {
      const { cells } = map(record);
      const own = partitionOf(cells);
      const line = rowLine(data.columns, { cells: data.cellsOf(cells), partition: own, input });
      if (isWithin(own, range)) text += line;
      let number = numbers.get(own);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(own, number);
      }
      indexes.push(index);
      owners.push(number);
    });
    return {
      text: new Uint8Array(Buffer.from(text)),
      indexes: Int32Array.from(indexes),
      owners: Int32Array.from(owners),
      partitions: [...numbers.keys()],
      rejects,
    };
  };
}
