import { WHOLE } from '../partitions/partition-of.ts';
import { daysOf, later, valuesOf } from './calendar.ts';
import { readOfTable } from './dated-tables.ts';
import { type Expected, expectations, type GraphDataset, type GraphInput } from './expectations.ts';
import { type BuiltFrom, versionsHash } from './input-versions.ts';
import { partitionsRead } from './partition-rules.ts';
import { tooManyFiles } from './too-many-files.ts';

/** What is published of a partition. */
export interface PartitionState {
  /** What its rows are. */
  readonly version: string;
  /** Of a derived partition: the hash of the versions that it was built from, and the version of its step. */
  readonly builtFrom?: string;
  readonly code?: string;
  /** The id of the record of what it was built from. */
  readonly record?: string;
  /** Its files are as they were written. */
  readonly isWhole: boolean;
  /** Why it is not whole, if it is not for its files. */
  readonly differs?: string;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  /** How long its build took, in milliseconds, if that was measured. */
  readonly took?: number;
  /** How many text files it has, if each value of a column has one. */
  readonly textsPer?: { readonly column: string; readonly files: number };
  /** That version of its step has given other rows of the same inputs before. */
  readonly isUnstable?: boolean;
}

/** By dataset, then by the partition's value. */
export type GraphState = ReadonlyMap<string, ReadonlyMap<string, PartitionState>>;

export interface PlanOptions {
  /** The time for which the run is meant, in milliseconds since 1970. */
  readonly ms: number;
  /** The datasets that are built. Others are used as they are. */
  readonly scope: ReadonlySet<string>;
  /** Only partitions with days in this range. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** When the run began. What it forces or fetches again, it has done if it was published then or later. */
  readonly since?: string | undefined;
  /** Build partitions of these datasets although they are complete. */
  readonly force?: ReadonlySet<string> | undefined;
  /** Sources whose files were all taken: a day that they lack has no rows. */
  readonly takenSources: ReadonlySet<string>;
  /** By partition, as `partitionId` names it: why its step failed in this run. */
  readonly failed: ReadonlyMap<string, string>;
  /** Why an operator accepts a partition as it was built last. */
  readonly accepted?: ((dataset: string, value: string) => string | undefined) | undefined;
}

/** A partition that is not complete, and is taken as it was built last; or one that was built from such a partition. */
export interface AcceptedPartition {
  readonly reason: string;
  /** Of one that is complete itself: the partition that was accepted, as `partitionId` names it. */
  readonly through?: string;
}

export interface PlannedPartition {
  readonly dataset: string;
  /** Its day or month. */
  readonly value: string;
  /**
   * `ready` can be built now. `waits` for inputs that are built first. `blocked`: an input is missing or has failed. `held`: it waits
   * for an approval. `failed` in this run.
   */
  readonly state: 'ready' | 'waits' | 'blocked' | 'held' | 'failed';
  readonly reason: string;
  /** It is a day of a source that has no rows. */
  readonly isEmpty?: boolean;
  /** It is expected of a source, and no file that was taken has rows for it. */
  readonly isMissing?: boolean;
  /** Its step cannot run, whatever its inputs are. */
  readonly isInvalid?: boolean;
  /** It has more text files than it may have. */
  readonly hasTooManyFiles?: boolean;
  /** It is stale because its inputs are others: what these are now. */
  readonly changed?: readonly BuiltFrom[];
}

export interface GraphPlan {
  /** What is not complete, each dataset after all that it reads, oldest first. */
  readonly partitions: readonly PlannedPartition[];
  /** How many are complete or accepted, by dataset. */
  readonly complete: ReadonlyMap<string, number>;
  /** By partition, as `partitionId` names it. */
  readonly accepted: ReadonlyMap<string, AcceptedPartition>;
  readonly expected: ReadonlyMap<string, Expected>;
}

/** If so many partitions of a dataset failed in a run, its others are not tried: its step is wrong. */
const MOST_FAILURES = 100;

export const partitionId = (dataset: string, value: string): string => `${dataset} ${value}`;

/**
 * What is to be built and why, by what is published now. A derived partition is complete if it was built from exactly the current
 * versions of its inputs and by the current version of its step, and its files are there.
 * @param datasets each after all that it reads
 */
export function planGraph(
  datasets: readonly GraphDataset[],
  state: GraphState,
  options: PlanOptions,
): GraphPlan {
  const planner = new Planner(datasets, state, options);
  for (const dataset of datasets) planner.plan(dataset);
  return planner.result();
}

type Verdict = Omit<PlannedPartition, 'dataset' | 'value'>;

class Planner {
  readonly #datasets: ReadonlyMap<string, GraphDataset>;
  readonly #state: GraphState;
  readonly #options: PlanOptions;
  readonly #expected: ReadonlyMap<string, Expected>;
  readonly #planned = new Map<string, PlannedPartition>();
  /** How many failed in this run, by dataset. */
  readonly #failures = new Map<string, number>();
  readonly #complete = new Map<string, number>();
  readonly #accepted = new Map<string, AcceptedPartition>();

  constructor(datasets: readonly GraphDataset[], state: GraphState, options: PlanOptions) {
    this.#datasets = new Map(datasets.map((dataset) => [dataset.name, dataset]));
    this.#state = state;
    this.#options = options;
    this.#expected = expectations(datasets, options.ms);
    for (const id of options.failed.keys()) {
      const dataset = id.slice(0, id.indexOf(' '));
      this.#failures.set(dataset, (this.#failures.get(dataset) ?? 0) + 1);
    }
  }

  result(): GraphPlan {
    return {
      partitions: [...this.#planned.values()],
      complete: this.#complete,
      accepted: this.#accepted,
      expected: this.#expected,
    };
  }

  plan(dataset: GraphDataset): void {
    const judge = dataset.kind === 'source' ? this.#judgeSource(dataset) : this.#judgeDerived(dataset);
    for (const value of this.#candidates(dataset)) {
      const verdict = judge(value);
      const accepted = this.#acceptedAs(dataset, value, verdict === undefined);
      if (accepted !== undefined) this.#accepted.set(partitionId(dataset.name, value), accepted);
      if (verdict === undefined || accepted !== undefined)
        this.#complete.set(dataset.name, (this.#complete.get(dataset.name) ?? 0) + 1);
      else this.#planned.set(partitionId(dataset.name, value), { dataset: dataset.name, value, ...verdict });
    }
  }

  /** What was never built cannot be accepted. */
  #acceptedAs(dataset: GraphDataset, value: string, isComplete: boolean): AcceptedPartition | undefined {
    if (!isComplete) {
      const reason = this.#options.accepted?.(dataset.name, value);
      return reason === undefined || !this.#published(dataset.name).has(value) ? undefined : { reason };
    }
    if (this.#accepted.size === 0) return undefined;
    for (const input of dataset.inputs) {
      if (input.isReference) continue;
      for (const partition of this.#readBy(input, value)) {
        const id = partitionId(input.dataset, partition);
        const found = this.#accepted.get(id);
        if (found !== undefined) return { reason: found.reason, through: found.through ?? id };
      }
    }
    return undefined;
  }

  /** What is published, and what is expected; in the scope and range of the run. */
  #candidates({ name, kind, unit, isWhole = false }: GraphDataset): string[] {
    const { scope, from, to } = this.#options;
    if (!scope.has(name) && kind !== 'source') return [];
    if (isWhole) return [WHOLE];
    const values = new Set(this.#published(name).keys());
    const { whole, window } = this.#expected.get(name) ?? {};
    const range = kind === 'source' ? whole : window;
    if (unit !== undefined && range !== undefined)
      for (const value of valuesOf(unit, range)) values.add(value);
    return [...values].toSorted().filter((value) => {
      const days = daysOf(value);
      return (from === undefined || days.last >= from) && (to === undefined || days.first <= to);
    });
  }

  #published(dataset: string): ReadonlyMap<string, PartitionState> {
    return this.#state.get(dataset) ?? NONE;
  }

  #judgeSource({ name }: GraphDataset): (value: string) => Verdict | undefined {
    const { takenSources, failed } = this.#options;
    return (value) => {
      if (this.#published(name).has(value)) return undefined;
      const failure = failed.get(partitionId(name, value));
      if (failure !== undefined) return { state: 'failed', reason: failure };
      return takenSources.has(name)
        ? { state: 'ready', reason: 'expected, and no file has rows for it', isEmpty: true }
        : {
            state: 'blocked',
            reason: `expected, and not there: run "tributary dataset run ${name}"`,
            isMissing: true,
          };
    };
  }

  #judgeDerived(dataset: GraphDataset): (value: string) => Verdict | undefined {
    const { name, code, problem, maxRebuild = Number.POSITIVE_INFINITY, approved } = dataset;
    if (problem !== undefined) return () => ({ state: 'failed', reason: problem, isInvalid: true });
    if (dataset.kind === 'fetched') return (value) => this.#judgePartition(dataset, value);
    const byCode = this.#candidates(dataset).filter((value) => {
      const there = this.#published(name).get(value);
      return there !== undefined && there.code !== code;
    });
    const isHeld = byCode.length > maxRebuild && approved !== code;
    const held: Verdict = {
      state: 'held',
      reason: `${byCode.length} partitions are stale by code: "tributary dataset approve ${name}" rebuilds them`,
    };
    const ofCode = new Set(isHeld ? byCode : []);
    return (value) => (ofCode.has(value) ? held : this.#judgePartition(dataset, value));
  }

  #judgePartition(dataset: GraphDataset, value: string): Verdict | undefined {
    const { name } = dataset;
    const failure = this.#options.failed.get(partitionId(name, value));
    if (failure !== undefined) return { state: 'failed', reason: failure };
    const inputs = this.#inputsOf(dataset, value);
    if ('blocked' in inputs) return { state: 'blocked', reason: inputs.blocked };
    const stale = this.#staleness(dataset, value, inputs.versions);
    const [first] = inputs.pending;
    const tooMany = this.#tooManyFiles(dataset, value);
    if (tooMany !== undefined && (stale !== undefined || first !== undefined)) return tooMany;
    if (first !== undefined)
      return {
        state: 'waits',
        reason: stale === undefined ? `if ${first} changes` : `${stale.reason}; after ${first}`,
      };
    if (stale === undefined) return undefined;
    const [reference] = inputs.pendingReferences;
    if (reference !== undefined) return { state: 'waits', reason: `${stale.reason}; after ${reference}` };
    const failures = this.#failures.get(name) ?? 0;
    if (failures >= MOST_FAILURES)
      return { state: 'blocked', reason: `not tried, because ${failures} partitions of ${name} failed` };
    return { state: 'ready', ...stale };
  }

  /** As far as that is known before it is built: the same step makes about as many files again. */
  #tooManyFiles({ name, code, textsPer }: GraphDataset, value: string): Verdict | undefined {
    const there = this.#published(name).get(value);
    if (textsPer === undefined || there?.textsPer === undefined || there.code !== code) return undefined;
    const { column, maxFiles } = textsPer;
    const { files } = there.textsPer;
    if (there.textsPer.column !== column || files <= maxFiles) return undefined;
    return {
      state: 'failed',
      reason: tooManyFiles({ column, values: files, maxFiles }),
      hasTooManyFiles: true,
    };
  }

  #staleness(
    { name, kind, code, unit, recompute = 0 }: GraphDataset,
    value: string,
    versions: readonly BuiltFrom[],
  ): Omit<Verdict, 'state'> | undefined {
    const there = this.#published(name).get(value);
    const { force, since } = this.#options;
    if (there === undefined) return { reason: kind === 'fetched' ? 'not fetched yet' : 'not built yet' };
    if (there.builtFrom !== versionsHash(versions))
      return { reason: 'its inputs changed', changed: versions };
    if (kind === 'derived' && there.code !== code) return { reason: 'its step changed' };
    if (!there.isWhole) return { reason: there.differs ?? 'its files are missing or changed' };
    if (since === undefined || there.publishedAt >= since) return undefined;
    if (force?.has(name) === true) return { reason: 'forced' };
    const last = this.#expected.get(name)?.whole?.last;
    if (recompute > 0 && unit !== undefined && last !== undefined && value > later(unit, last, -recompute))
      return { reason: 'fetched again, as with every run' };
    return undefined;
  }

  #inputsOf(dataset: GraphDataset, value: string): Inputs | { readonly blocked: string } {
    const found: Inputs = {
      versions: [
        ...(dataset.tables ?? []),
        ...(dataset.datedTables ?? []).flatMap((table) => readOfTable(table, value)),
      ],
      ...{ pending: [], pendingReferences: [] },
    };
    for (const input of dataset.inputs)
      for (const partition of this.#readBy(input, value)) {
        const id = partitionId(input.dataset, partition);
        const there = this.#published(input.dataset).get(partition);
        const planned = this.#planned.get(id)?.state;
        const isPending = planned === 'ready' || planned === 'waits';
        if (isPending) (input.isReference ? found.pendingReferences : found.pending).push(id);
        else if (there === undefined || (planned !== undefined && planned !== 'held' && !input.isReference))
          return { blocked: this.#whyBlocked(id, planned) };
        if (there !== undefined && !input.isReference)
          found.versions.push({ dataset: input.dataset, partition, version: there.version });
      }
    return found;
  }

  #whyBlocked(id: string, planned: PlannedPartition['state'] | undefined): string {
    if (planned === 'failed') return `${id} failed`;
    if (planned === 'blocked') {
      const { reason, isMissing } = this.#planned.get(id) as PlannedPartition;
      return isMissing === true ? `${id} is missing` : reason;
    }
    return `${id} is not built`;
  }

  /** The partitions of an input that are there or expected. */
  #readBy({ dataset, rule }: GraphInput, value: string): string[] {
    return inputPartitions(
      { dataset: this.#datasets.get(dataset), rule, value },
      this.#published(dataset),
      this.#expected.get(dataset),
    );
  }
}

interface Inputs {
  readonly versions: BuiltFrom[];
  readonly pending: string[];
  readonly pendingReferences: string[];
}

const NONE: ReadonlyMap<string, PartitionState> = new Map();

/** The partitions that a rule reads: of those it names, the ones that are published or expected. */
export function inputPartitions(
  {
    dataset,
    rule,
    value,
  }: {
    readonly dataset: Pick<GraphDataset, 'unit' | 'isWhole' | 'isHourly'> | undefined;
    readonly rule: GraphInput['rule'];
    readonly value: string;
  },
  published: ReadonlyMap<string, unknown>,
  expected: Expected | undefined,
): string[] {
  if (dataset?.isWhole === true) return [WHOLE];
  if (dataset?.isHourly === true) return hoursRead(rule, value, published);
  const unit = dataset?.unit;
  const whole = expected?.whole;
  const isExpected = (each: string) => whole !== undefined && each >= whole.first && each <= whole.last;
  const isThere = (each: string) => published.has(each) || isExpected(each);
  if (rule.kind === 'function') return (rule.named.get(value) ?? []).filter(isThere);
  const range = unit === undefined ? undefined : partitionsRead(rule, value, unit);
  if (unit === undefined || range === undefined) {
    const more = unit === undefined || whole === undefined ? [] : valuesOf(unit, whole);
    return [...new Set([...published.keys(), ...more])].toSorted();
  }
  return valuesOf(unit, range).filter(isThere);
}

/** The hours that are published of the days that a rule reads: which of them a day has is not known beforehand. */
function hoursRead(
  rule: GraphInput['rule'],
  value: string,
  published: ReadonlyMap<string, unknown>,
): string[] {
  const hours = [...published.keys()].toSorted();
  const isOf = (days: (day: string) => boolean) => hours.filter((hour) => days(hour.slice(0, 10)));
  if (rule.kind === 'function') return isOf((day) => rule.named.get(value)?.includes(day) === true);
  const range = partitionsRead(rule, value, 'day');
  return range === undefined ? hours : isOf((day) => day >= range.first && day <= range.last);
}

/** The partitions that can be built now, in the order in which they are: oldest first, or newest first. */
export function readyOf(
  { partitions }: GraphPlan,
  {
    limit = Number.POSITIVE_INFINITY,
    isReverse = false,
  }: { limit?: number | undefined; isReverse?: boolean },
): PlannedPartition[] {
  const ready = partitions.filter(({ state }) => state === 'ready');
  if (isReverse) ready.sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0));
  return ready.slice(0, limit);
}
