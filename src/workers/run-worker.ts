import { DefaultLogger, type LogLevel, NativeConnection, Runtime } from '@temporalio/worker';
import { dataConverterFromEnvironment } from './data-converter.ts';
import { dependenciesFromEnvironment } from './dependencies.ts';
import { extractSettingsFromEnvironment } from './extract-settings.ts';
import { telemetryOptions } from './metrics.ts';
import { temporalOptions } from './temporal-options.ts';
import { ExtractionThreads } from './threads/extraction-threads.ts';
import { createWorkers, runWorkers } from './worker.ts';

interface RunWorkerOptions {
  /** Configuration file. Default: TRIBUTARY_CONFIG, else ./tributary.yaml. */
  readonly config?: string;
  readonly logLevel?: LogLevel;
  /** Workflows bundled beforehand. If omitted, they are bundled from the sources. */
  readonly workflowBundle?: { readonly codePath: string };
}

/**
 * A worker as a process. It takes Temporal's address, the services' addresses and the configuration from the
 * environment, polls the task queues, and returns after SIGINT or SIGTERM once its work is checkpointed.
 */
export async function runWorker(
  environment: NodeJS.ProcessEnv,
  options: RunWorkerOptions = {},
): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger(options.logLevel ?? 'INFO'),
    ...telemetryOptions(environment),
  });
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const dependencies = {
    ...dependenciesFromEnvironment(environment, options.config),
    stopping: stopping.signal,
  };
  const { slots, threads: most, heapMegabytes } = extractSettingsFromEnvironment(environment);
  const threads = most === 0 ? undefined : new ExtractionThreads({ most, heapMegabytes, environment });
  const temporal = temporalOptions(environment);
  const dataConverter = await dataConverterFromEnvironment(environment);
  const connection = await NativeConnection.connect(temporal.connection);
  try {
    const workers = await createWorkers({
      connection,
      namespace: temporal.namespace,
      dependencies,
      extractSlots: slots,
      extractThreads: threads,
      dataConverter,
      ...(options.workflowBundle && { workflowBundle: options.workflowBundle }),
    });
    await runWorkers(workers, () => stopping.abort());
  } finally {
    await threads?.close();
    await connection.close();
  }
}
