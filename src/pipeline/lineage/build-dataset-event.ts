import type { LineageName } from './lineage-names.ts';
import { lineageRunId } from './lineage-run-id.ts';
import { errorFacet, facet, JOB_TYPE, ORIGIN, RunEvent } from './run-event.ts';

/** What the workflow of a run reports about a dataset that it builds, or about a graph. Everything else is in S3. */
export interface DatasetLineageReport {
  readonly eventType: RunEvent['eventType'];
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly workflow: {
    readonly namespace: string;
    readonly workflowId: string;
    /** A reset does not change it. */
    readonly firstExecutionRunId: string;
  };
  /** The graph that is run, if the dataset is built as part of one. */
  readonly graph?: string;
  /** Absent: the event is that of the graph. */
  readonly dataset?: string;
  /** The paths of partitions that were published: `day=2026-11-01`. The most that are named is 500. */
  readonly partitions: readonly string[];
  /** Why it failed. */
  readonly error?: string;
}

/** The values of the columns of a partition, by name. */
export type Dimensions = Readonly<Record<string, string>>;

interface LineageInput extends LineageName {
  /** Which partitions were read; absent: not known, or too many. */
  readonly partitions?: readonly Dimensions[];
}

interface LineageOutput extends LineageName {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
  readonly bytes: number;
  /** Which were written; absent: too many, or the table has none. */
  readonly partitions?: readonly Dimensions[];
}

interface DatasetLineageContext {
  /** The namespace of the jobs. */
  readonly namespace: string;
  readonly inputs: readonly LineageInput[];
  /** Undefined if nothing of it was published. */
  readonly output: LineageOutput | undefined;
}

/** The event for OpenLineage. A dataset is a job of its own, and part of a run of its graph. */
export function buildDatasetEvent(report: DatasetLineageReport, context: DatasetLineageContext): RunEvent {
  const { eventType, at, graph, dataset, error } = report;
  const { namespace, inputs, output } = context;
  const parent =
    graph === undefined || dataset === undefined
      ? {}
      : {
          parent: {
            ...facet('parent'),
            run: { runId: runIdOf(report, jobOfGraph(graph)) },
            job: { namespace, name: jobOfGraph(graph) },
          },
        };
  const facets = { ...parent, ...(error === undefined ? {} : errorFacet(error)) };
  const name = dataset === undefined ? jobOfGraph(graph ?? 'all') : `datasets.${dataset}`;
  return RunEvent.parse({
    eventType,
    eventTime: at,
    ...ORIGIN,
    run: {
      runId: runIdOf(report, name),
      ...(Object.keys(facets).length === 0 ? {} : { facets }),
    },
    job: { namespace, name, facets: JOB_TYPE },
    inputs: inputs.map(inputOf),
    outputs: output === undefined ? [] : [outputOf(output)],
  } satisfies RunEvent);
}

const jobOfGraph = (graph: string) => `graph.${graph}`;

const runIdOf = (
  { workflow: { namespace, workflowId, firstExecutionRunId } }: DatasetLineageReport,
  job: string,
) => lineageRunId([namespace, workflowId, firstExecutionRunId, job]);

function inputOf({ namespace, name, partitions }: LineageInput): RunEvent['inputs'][number] {
  if (partitions === undefined) return { namespace, name };
  const subset = { ...facet('inputSubset'), inputCondition: conditionOf(partitions) };
  return { namespace, name, inputFacets: { subset } };
}

function outputOf(output: LineageOutput): RunEvent['outputs'][number] {
  const { namespace, name, columns, rows, bytes, partitions } = output;
  return {
    ...{ namespace, name },
    facets: { schema: { ...facet('schema'), fields: columns.map((column) => ({ ...column })) } },
    outputFacets: {
      outputStatistics: { ...facet('outputStatistics'), rowCount: rows, size: bytes },
      ...(partitions === undefined
        ? {}
        : { subset: { ...facet('outputSubset'), outputCondition: conditionOf(partitions) } }),
    },
  };
}

const conditionOf = (partitions: readonly Dimensions[]) => ({
  type: 'partition' as const,
  partitions: partitions.map((dimensions) => ({ dimensions: { ...dimensions } })),
});
