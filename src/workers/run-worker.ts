import { DefaultLogger, type LogLevel, NativeConnection, Runtime } from '@temporalio/worker';
import { dependenciesFromEnvironment } from './dependencies.ts';
import { extractSlotsFromEnvironment } from './extract-slots.ts';
import { telemetryOptions } from './metrics.ts';
import { temporalOptions } from './temporal-options.ts';
import { createWorkers, runWorkers } from './worker.ts';

interface RunWorkerOptions {
  /** Configuration file; TRIBUTARY_CONFIG or ./tributary.yaml where it is not given. */
  readonly config?: string;
  readonly logLevel?: LogLevel;
}

/**
 * A worker as a process: it takes Temporal's address, the services' addresses and the configuration from the
 * environment, polls both task queues, and returns after SIGINT or SIGTERM when all is put away.
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
  const extractSlots = extractSlotsFromEnvironment(environment);
  const temporal = temporalOptions(environment);
  const connection = await NativeConnection.connect(temporal.connection);
  try {
    const workers = await createWorkers({
      connection,
      namespace: temporal.namespace,
      dependencies,
      extractSlots,
    });
    await runWorkers(workers, () => stopping.abort());
  } finally {
    await connection.close();
  }
}
