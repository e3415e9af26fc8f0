import type { BatchResult, DayRange, IntakePlan, RawFile } from '../../../pipeline/datasets/documents.ts';
import { isWithin } from '../../../pipeline/datasets/partitions/partition-days.ts';
import { RecordSet } from '../../../pipeline/datasets/partitions/record-set.ts';

type Inputs = BatchResult['partitions'][number]['inputs'];

/** Which records of a batch's files are in which partitions. Files are known by their numbers in the batch. */
export class BatchRows {
  /** By partition, then by file. */
  readonly #records = new Map<string, Map<number, RecordSet>>();

  /** @param records of a file, by partition */
  add(file: number, records: ReadonlyMap<string, RecordSet>): void {
    for (const [partition, own] of records) {
      const ofPartition = this.#records.get(partition) ?? new Map<number, RecordSet>();
      ofPartition.set(file, own);
      this.#records.set(partition, ofPartition);
    }
  }

  /**
   * By partition: the files with rows in it, and those whose earlier version had some.
   * @param without keys of files that are not taken
   */
  inputs(
    files: readonly RawFile[],
    {
      plan,
      code,
      without,
    }: { readonly plan: IntakePlan; readonly code: string; readonly without: ReadonlySet<string> },
  ): Map<string, Inputs> {
    const range = plan.reread?.range;
    const before = new Map(plan.overwritten.map((each) => [each.key, each]));
    const inputs = new Map<string, Inputs>();
    for (const [number, raw] of files.entries()) {
      if (without.has(raw.key)) continue;
      const known = before.get(raw.key);
      const isReread = plan.reread !== undefined || known?.again === true;
      const now = this.#partitionsOf(number).filter((partition) => isWithin(partition, range));
      for (const partition of new Set([...(known?.partitions ?? []), ...now])) {
        const records = this.#of(partition, number);
        const own = inputs.get(partition) ?? [];
        inputs.set(partition, own);
        own.push({
          ...{ ...raw, intake: plan.intake, rows: records.count, records: String(records) },
          ...{ code, number },
          ...(isReread ? { reread: true as const } : {}),
        });
      }
    }
    return inputs;
  }

  /** Of a rebuild: what each file gives to partitions outside of its days, those included that had something of it. */
  outside(
    files: readonly RawFile[],
    { range, outside }: { readonly range: DayRange; readonly outside: readonly OutsideFile[] },
  ): { readonly key: string; readonly partition: string; readonly records: string }[] {
    const before = new Map(outside.map(({ key, partitions }) => [key, partitions]));
    return files.flatMap(({ key }, number) => {
      const now = this.#partitionsOf(number).filter((partition) => !isWithin(partition, range));
      return [...new Set([...(before.get(key) ?? []), ...now])].map((partition) => ({
        ...{ key, partition },
        records: String(this.#of(partition, number)),
      }));
    });
  }

  #partitionsOf(file: number): string[] {
    return [...this.#records].filter(([, own]) => own.has(file)).map(([partition]) => partition);
  }

  #of(partition: string, file: number): RecordSet {
    return this.#records.get(partition)?.get(file) ?? new RecordSet();
  }
}

/** Which partitions outside of a rebuild's days have rows of a file. */
type OutsideFile = NonNullable<IntakePlan['reread']>['outside'][number];
