import { typeSql } from '../columns/redshift-type.ts';
import type { Manifest, ManifestTable } from '../run/manifest.ts';
import type { Plan } from '../run/plan.ts';
import { redshiftTable } from './lineage-names.ts';
import { lineageRunId } from './lineage-run-id.ts';
import { errorFacet, facet, JOB_TYPE, ORIGIN, RunEvent } from './run-event.ts';

/** What a run's workflow reports about it. Everything else is in the run directory. */
export interface LineageReport {
  readonly eventType: RunEvent['eventType'];
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The workflow, which is one run of OpenLineage: it may continue a run that another workflow began. */
  readonly workflow: {
    readonly namespace: string;
    readonly workflowId: string;
    /** A reset does not change it. */
    readonly firstExecutionRunId: string;
  };
  /** Why it failed. */
  readonly error?: string;
  /** The run's data is live. */
  readonly replaced: boolean;
}

interface LineageContext {
  readonly plan: Plan;
  /** Undefined if the run is not sealed. */
  readonly manifest: Manifest | undefined;
  /** The namespace of the jobs. */
  readonly namespace: string;
  /** That of the worker's AWS clients, if it is known. */
  readonly region: string | undefined;
}

/** The event for OpenLineage. It always has its input; its outputs are the live tables, once they hold the run's data. */
export function buildRunEvent(report: LineageReport, context: LineageContext): RunEvent {
  const { eventType, at, workflow, error, replaced } = report;
  const { plan, manifest, namespace } = context;
  const input = inputOf(context);
  return RunEvent.parse({
    eventType,
    eventTime: at,
    ...ORIGIN,
    run: {
      runId: lineageRunId([workflow.namespace, workflow.workflowId, workflow.firstExecutionRunId, plan.run]),
      ...(error === undefined ? {} : { facets: errorFacet(error) }),
    },
    job: {
      namespace,
      name: plan.pipeline,
      facets: JOB_TYPE,
    },
    inputs: [input],
    outputs: replaced ? (manifest?.tables ?? []).map((table) => outputOf(table, input, context)) : [],
  } satisfies RunEvent);
}

/** OpenLineage's naming has no rule for DynamoDB: the region is the data source, and the table is the dataset. */
function inputOf({ plan, region }: LineageContext) {
  const [, ofArn] = /^arn:[^:]*:dynamodb:([^:]*):/.exec(plan.definition.source.table) ?? [];
  return { namespace: `dynamodb://${ofArn ?? region ?? 'aws'}`, name: plan.source.tableName };
}

function outputOf(
  table: ManifestTable,
  input: ReturnType<typeof inputOf>,
  { plan, region }: LineageContext,
): RunEvent['outputs'][number] {
  const { workgroup, cluster, database, schema } = plan.definition.warehouse;
  return {
    ...redshiftTable({ workgroup, cluster, database, schema, table: table.name }, region),
    facets: {
      schema: {
        ...facet('schema'),
        fields: table.columns.map(({ name, type }) => ({ name, type: typeSql(type) })),
      },
      columnLineage: {
        ...facet('columnLineage'),
        fields: Object.fromEntries(
          table.columns.map(({ name, path }) => [name, { inputFields: [{ ...input, field: path }] }]),
        ),
      },
    },
    outputFacets: {
      outputStatistics: {
        ...facet('outputStatistics'),
        rowCount: table.rows,
        size: table.files.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
      },
    },
  };
}
