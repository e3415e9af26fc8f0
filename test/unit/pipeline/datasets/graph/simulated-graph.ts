import { valuesOf } from '../../../../../src/pipeline/datasets/graph/calendar.ts';
import { expectations, type GraphDataset } from '../../../../../src/pipeline/datasets/graph/expectations.ts';
import { type BuiltFrom, versionsHash } from '../../../../../src/pipeline/datasets/graph/input-versions.ts';
import {
  type GraphPlan,
  inputPartitions,
  type PartitionState,
  partitionId,
  planGraph,
  readyOf,
} from '../../../../../src/pipeline/datasets/graph/plan-graph.ts';

/** Partitions in memory, and runs over them: the rows of a partition are the versions that it was built from. */
export class Ledger {
  datasets: readonly GraphDataset[];
  scope: ReadonlySet<string>;
  range: { from?: string; to?: string } = {};
  readonly taken = new Set<string>();
  readonly failed = new Map<string, string>();
  /** Partitions that keep their rows when they are rebuilt. */
  readonly unchanged = new Set<string>();
  /** Partitions whose rows are others whenever they are built. */
  readonly corrected = new Set<string>();
  readonly builds: string[] = [];
  readonly #ms: number;
  readonly #state = new Map<string, Map<string, PartitionState>>();
  readonly #sources: (readonly [dataset: string, value: string, version: string])[] = [];
  #force: ReadonlySet<string> | undefined;
  #since: string | undefined;
  #clock = 0;

  constructor(datasets: readonly GraphDataset[], ms: number) {
    this.datasets = datasets;
    this.scope = new Set(datasets.map(({ name }) => name));
    this.#ms = ms;
  }

  days(first: string, last: string): string[] {
    return valuesOf('day', { first, last });
  }

  publish(dataset: string, value: string, version: string): void {
    this.#sources.push([dataset, value, version]);
    this.#set(dataset, value, { version, isWhole: true });
  }

  damage(dataset: string, value: string): void {
    const before = this.#state.get(dataset)?.get(value);
    if (before !== undefined) this.#set(dataset, value, { ...before, isWhole: false });
  }

  /** A partition has a text file for each of so many values of a column. */
  textsPer(dataset: string, value: string, textsPer: { column: string; files: number }): void {
    const before = this.#state.get(dataset)?.get(value);
    if (before !== undefined) this.#set(dataset, value, { ...before, textsPer });
  }

  force(datasets: readonly string[]): void {
    this.#force = new Set(datasets);
    this.begin();
  }

  /** A run begins. */
  begin(): void {
    this.#since = this.#time();
  }

  plan(): GraphPlan {
    return planGraph(this.datasets, this.#state, {
      ...{ ms: this.#ms, scope: this.scope, force: this.#force, since: this.#since },
      ...{ takenSources: this.taken, failed: this.failed, ...this.range },
    });
  }

  /** Builds what is ready until nothing is. @returns what it built */
  run(): string[] {
    const built: string[] = [];
    for (;;) {
      const ready = readyOf(this.plan(), {});
      if (ready.length === 0) return built;
      for (const { dataset, value } of ready) {
        const id = partitionId(dataset, value);
        if (built.includes(id)) throw new Error(`${id} was built twice`);
        built.push(id);
        this.builds.push(id);
        this.#build(dataset, value);
      }
    }
  }

  builtFrom(dataset: string, value: string): string[] {
    return this.#inputs(dataset, value).map((input) => partitionId(input.dataset, input.partition));
  }

  versions(): Record<string, string> {
    return Object.fromEntries(
      [...this.#state].flatMap(([dataset, partitions]) =>
        [...partitions].map(([value, { version }]) => [partitionId(dataset, value), version]),
      ),
    );
  }

  /** The same sources, with all corrections at once. */
  fromScratch(): Ledger {
    const other = new Ledger(this.datasets, this.#ms);
    for (const source of this.#sources) other.publish(...source);
    other.run();
    return other;
  }

  #build(dataset: string, value: string): void {
    const inputs = this.#inputs(dataset, value);
    const code = this.datasets.find(({ name }) => name === dataset)?.code;
    const builtFrom = versionsHash(inputs);
    const before = this.#state.get(dataset)?.get(value);
    const isOther = this.corrected.has(partitionId(dataset, value)) ? this.builds.length : '';
    const keeps = this.unchanged.has(partitionId(dataset, value)) && before !== undefined;
    this.#set(dataset, value, {
      ...{ version: keeps ? before.version : `${dataset}(${builtFrom})${isOther}`, builtFrom, isWhole: true },
      ...(code === undefined ? {} : { code }),
    });
  }

  #inputs(dataset: string, value: string): BuiltFrom[] {
    const expected = expectations(this.datasets, this.#ms);
    const { inputs = [] } = this.datasets.find(({ name }) => name === dataset) ?? {};
    return inputs
      .filter(({ isReference }) => !isReference)
      .flatMap((input) => {
        const read = this.datasets.find(({ name }) => name === input.dataset);
        const published = this.#state.get(input.dataset) ?? new Map<string, PartitionState>();
        const names = inputPartitions(
          { dataset: read, rule: input.rule, value },
          published,
          expected.get(input.dataset),
        );
        return names.map((partition) => ({
          ...{ dataset: input.dataset, partition, version: published.get(partition)?.version ?? 'none' },
        }));
      });
  }

  #set(dataset: string, value: string, state: Omit<PartitionState, 'publishedAt'>): void {
    const partitions = this.#state.get(dataset) ?? new Map<string, PartitionState>();
    partitions.set(value, { ...state, publishedAt: this.#time() });
    this.#state.set(dataset, partitions);
  }

  #time(): string {
    return new Date(this.#clock++).toISOString();
  }
}
