import type { StackAddresses } from '../../local/stack/addresses.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../src/pipeline/definition/pipeline-definition.ts';
import type { refreshWarehouse } from '../../src/workflows/refresh/refresh-warehouse.ts';
import { startBenchWorker } from './bench-worker.ts';
import type { Program } from './program.ts';

interface TributaryOptions {
  readonly addresses: StackAddresses;
  /** All of the worker's variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cores: readonly number[];
  /** What this program's namespace, pipelines and runs are called. */
  readonly name: string;
  readonly prefix: string;
}

/**
 * Starts the worker. A copy is a run up to the seal: everything but the load, which is the warehouse's work. Each is the
 * first of a new pipeline, so that no run knows an earlier one's schema.
 */
export async function startTributary(options: TributaryOptions): Promise<Program> {
  const { addresses, environment, cores, name } = options;
  const { client, pid, idleMegabytes, failed, stop } = await startBenchWorker({
    temporalAddress: addresses.temporal.address,
    namespace: name,
    environment,
    cores,
  });
  let copies = 0;
  return {
    name: 'tributary',
    cores: cores.length,
    pid,
    idleMegabytes,
    async copy(table) {
      const pipeline = `copy-${++copies}`;
      const result = await Promise.race([
        failed,
        client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
          taskQueue: CONTROL_TASK_QUEUE,
          workflowId: pipeline,
          args: [{ pipeline, definition: definitionOf(table, options), to: 'seal' }],
        }),
      ]);
      if (result.rejects > 0) throw new Error(`${result.rejects} items of ${table} were set aside.`);
      return { items: result.items, rows: result.tables.reduce((sum, { rows }) => sum + rows, 0) };
    },
    stop,
  };
}

const definitionOf = (table: string, { addresses, prefix, name }: TributaryOptions) =>
  PipelineDefinition.parse({
    source: { kind: 'dynamodb', table },
    staging: { bucket: addresses.s3.bucket, prefix },
    warehouse: {
      kind: 'redshift',
      workgroup: addresses.redshiftData.workgroup,
      database: addresses.redshiftData.database,
      schema: name.replaceAll('-', '_'),
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
  });
