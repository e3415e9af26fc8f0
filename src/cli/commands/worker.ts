import { Command, Option } from 'commander';
import { useWorkerOptions } from '../../workers/process-options.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

const examples = `
Examples:
  $ ${TRIBUTARY} worker                              for the local stack, if one is running
  $ ${TRIBUTARY} worker --config other.yaml
  $ TRIBUTARY_TEMPORAL_ADDRESS=temporal.internal:7233 ${TRIBUTARY} worker

Environment:
  Temporal, without TLS
    TRIBUTARY_TEMPORAL_ADDRESS, TRIBUTARY_TEMPORAL_NAMESPACE
  Temporal, as for the temporal CLI
    TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE
  AWS region; credentials come from the default chain
    AWS_REGION
  Endpoints; set none of them for AWS
    TRIBUTARY_DYNAMODB_ENDPOINT, TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT,
    TRIBUTARY_S3_ENDPOINT, TRIBUTARY_REDSHIFT_DATA_ENDPOINT, TRIBUTARY_SQS_ENDPOINT,
    TRIBUTARY_SNS_ENDPOINT, TRIBUTARY_GLUE_ENDPOINT
  Data API limits, if your account's quotas are not the default
    TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND
      e.g. BatchExecuteStatement=40,CancelStatement=6
    TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS, e.g. 500
  Number of segments extracted at once; default: one per core
    TRIBUTARY_EXTRACT_SLOTS, e.g. 8
  Threads that extract them, default: one per core; and the heap of each in MB
    TRIBUTARY_EXTRACT_THREADS, e.g. 4
    TRIBUTARY_EXTRACT_HEAP_MB, e.g. 2048
  Module with a data converter, e.g. to encrypt histories (docs/data-kept.md)
    TRIBUTARY_DATA_CONVERTER, e.g. ./converter.js
  Prometheus metrics
    TRIBUTARY_METRICS_ADDRESS, e.g. 0.0.0.0:9464

Run as many workers as you like, on as many hosts: they share the Data API's limits.
SIGTERM or Ctrl-C stops a worker; the others take over its work.
`;

/** `tributary worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run a worker process, which does the work of runs, until it is stopped')
    .addOption(configOption())
    .addOption(new Option('--log-level <level>', 'lowest level to log').choices(LOG_LEVELS).default('INFO'))
    .addHelpText('after', examples)
    .action(async (options: { config?: string; logLevel: (typeof LOG_LEVELS)[number] }) => {
      useWorkerOptions();
      const { chosenLocalStack, useLocalStack } = await import('../temporal/command-context.ts');
      const stack = chosenLocalStack(options.config);
      useLocalStack(stack);
      const [{ runWorker }, { temporalTarget }, { connectTemporal }] = await Promise.all([
        import('../../workers/run-worker.ts'),
        import('../temporal/temporal-target.ts'),
        import('../temporal/temporal-connection.ts'),
      ]);
      // Connect here first: it gives a clearer message if the server cannot be reached.
      await (await connectTemporal(temporalTarget(stack))).connection.close();
      await runWorker(process.env, {
        logLevel: options.logLevel,
        ...(options.config === undefined ? {} : { config: options.config }),
      });
    });
}
