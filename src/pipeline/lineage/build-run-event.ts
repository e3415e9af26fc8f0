import { createHash } from 'node:crypto';
import { typeSql } from '../columns/redshift-type.ts';
import type { Manifest, ManifestTable } from '../run/manifest.ts';
import type { Plan } from '../run/plan.ts';
import { facet, ORIGIN, RunEvent } from './run-event.ts';

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
      ...(error === undefined
        ? {}
        : {
            facets: {
              errorMessage: { ...facet('errorMessage'), message: error, programmingLanguage: 'JAVASCRIPT' },
            },
          }),
    },
    job: {
      namespace,
      name: plan.pipeline,
      facets: {
        jobType: {
          ...facet('jobType'),
          ...{ processingType: 'BATCH', integration: 'TRIBUTARY', jobType: 'JOB' },
        },
      },
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

/** https://openlineage.io/docs/spec/naming: `redshift://{cluster_identifier}.{region_name}:{port}`. A workgroup takes the cluster's place. */
function outputOf(
  table: ManifestTable,
  input: ReturnType<typeof inputOf>,
  { plan, region }: LineageContext,
): RunEvent['outputs'][number] {
  const { workgroup, cluster, database, schema } = plan.definition.warehouse;
  const host = workgroup?.split('/').at(-1) ?? cluster ?? 'redshift';
  return {
    namespace: `redshift://${host}.${region ?? 'aws'}:5439`,
    name: `${database}.${schema}.${table.name}`,
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

/** The namespace of Tributary's ids: any fixed UUID. */
const NAMESPACE = Buffer.from('6f1d7f0e4a0b4d7b9f3a2c5e8d1b0a94', 'hex');

/** A name-based UUID (version 5, RFC 9562): always the same for the same parts. */
function lineageRunId(parts: readonly string[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
