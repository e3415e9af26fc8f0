import { workflowInfo } from '@temporalio/workflow';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import type { DatasetLineageReport } from '../../pipeline/lineage/build-dataset-event.ts';
import { startLineage } from './start-lineage.ts';

/** Of one dataset. The activity that delivers an event reads each of them. */
const MOST_PARTITIONS = 500;

interface Built {
  /** Their paths. One more than are named: then there are more. */
  readonly partitions: readonly string[];
  readonly error?: string;
}

/** What an execution of a run carries over: the datasets whose START was sent. */
export type CarriedLineage = Readonly<Record<string, Built>>;

/** The OpenLineage events of the datasets that a run builds: START when the first of its partitions is built, and its end. */
export class DatasetLineage {
  readonly #graph: string | undefined;
  readonly #built: Map<string, Built>;
  #isHeard: boolean;

  /** @param graph its name, if the run is that of a graph: that has events, too */
  constructor(graph: string | undefined, carried: CarriedLineage | undefined) {
    this.#graph = graph;
    this.#built = new Map(Object.entries(carried ?? {}));
    this.#isHeard = carried !== undefined;
  }

  /** Undefined if no one listens. */
  get carried(): CarriedLineage | undefined {
    return this.#isHeard ? Object.fromEntries(this.#built) : undefined;
  }

  /** The run is planned. @param isHeard the worker's configuration has an endpoint */
  planned(isHeard: boolean): void {
    if (!isHeard || this.#isHeard) return;
    this.#isHeard = true;
    if (this.#graph !== undefined) void this.#send('START', undefined, { partitions: [] });
  }

  /** Partitions of these datasets are about to be built. Does not wait. */
  began(datasets: Iterable<string>): void {
    if (!this.#isHeard) return;
    for (const dataset of new Set(datasets)) {
      if (this.#built.has(dataset)) continue;
      this.#built.set(dataset, { partitions: [] });
      void this.#send('START', dataset, { partitions: [] });
    }
  }

  /** A partition was published, with other rows or the same. */
  built(dataset: string, path: string): void {
    const before = this.#built.get(dataset);
    if (before === undefined || before.partitions.includes(path)) return;
    if (before.partitions.length <= MOST_PARTITIONS)
      this.#built.set(dataset, { ...before, partitions: [...before.partitions, path] });
  }

  /** The run ends. Returns when its events cannot be lost any more. @param failed by dataset, why one of its partitions failed */
  async ended(
    eventType: 'COMPLETE' | 'FAIL' | 'ABORT',
    {
      error,
      failed = new Map(),
    }: { readonly error?: string; readonly failed?: ReadonlyMap<string, string> } = {},
  ): Promise<void> {
    if (!this.#isHeard) return;
    for (const [dataset, { partitions }] of this.#built) {
      const why = error ?? failed.get(dataset);
      const type = eventType === 'COMPLETE' && why !== undefined ? 'FAIL' : eventType;
      await this.#send(type, dataset, { partitions, ...(why === undefined ? {} : { error: why }) });
    }
    if (this.#graph !== undefined)
      await this.#send(eventType, undefined, { partitions: [], ...(error === undefined ? {} : { error }) });
  }

  async #send(
    eventType: DatasetLineageReport['eventType'],
    dataset: string | undefined,
    end: Built,
  ): Promise<void> {
    const { namespace, workflowId, firstExecutionRunId, runId } = workflowInfo();
    const report: DatasetLineageReport = {
      ...{ eventType, at: new Date(Date.now()).toISOString() },
      workflow: { namespace, workflowId, firstExecutionRunId },
      ...(this.#graph === undefined ? {} : { graph: this.#graph }),
      ...(dataset === undefined ? {} : { dataset }),
      ...end,
    };
    // The execution ends once; after a reset, another one does.
    const cause = eventType === 'START' ? [] : [runId];
    const id = eventId([
      ...['lineage', eventType, namespace, workflowId, firstExecutionRunId],
      ...[dataset === undefined ? 'graph' : `dataset ${dataset}`, ...cause],
    ]);
    await startLineage(id, `${dataset ?? this.#graph}, ${eventType}`, { dataset: report });
  }
}
