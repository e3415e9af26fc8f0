import { Command, Option } from 'commander';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

const examples = `
Examples:
  $ ${TRIBUTARY} worker                              for the local stack, if one runs here
  $ ${TRIBUTARY} worker --config other.yaml
  $ TRIBUTARY_TEMPORAL_ADDRESS=temporal.internal:7233 ${TRIBUTARY} worker

Environment (against AWS none of the endpoints, and the default credential chain):
  TRIBUTARY_TEMPORAL_ADDRESS, TRIBUTARY_TEMPORAL_NAMESPACE (no TLS), or else
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE;
  AWS_REGION, TRIBUTARY_DYNAMODB_ENDPOINT, TRIBUTARY_S3_ENDPOINT,
  TRIBUTARY_REDSHIFT_DATA_ENDPOINT;
  for an account with quotas of its own TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND
  (BatchExecuteStatement=40,CancelStatement=6) and
  TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS (500);
  for another number of segments at once than one per core
  TRIBUTARY_EXTRACT_SLOTS (8);
  for Prometheus TRIBUTARY_METRICS_ADDRESS (0.0.0.0:9464)

Run as many workers as you like, on as many hosts: they share the Data API's limits. SIGTERM or Ctrl-C ends one; others take over its work.
`;

/** `tributary worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .description('do the work of runs: one process, until it is stopped')
    .addOption(configOption())
    .addOption(
      new Option('--log-level <level>', 'least level that is logged').choices(LOG_LEVELS).default('INFO'),
    )
    .addHelpText('after', examples)
    .action(async (options: { config?: string; logLevel: (typeof LOG_LEVELS)[number] }) => {
      const stack = chosenLocalStack(options.config);
      useLocalStack(stack);
      const [{ runWorker }, { temporalTarget }, { connectTemporal }] = await Promise.all([
        import('../../workers/run-worker.ts'),
        import('../temporal/temporal-target.ts'),
        import('../temporal/temporal-connection.ts'),
      ]);
      // Asked first: its message for a server that is not there is the clearer one.
      await (await connectTemporal(temporalTarget(stack))).connection.close();
      await runWorker(process.env, {
        logLevel: options.logLevel,
        ...(options.config === undefined ? {} : { config: options.config }),
      });
    });
}
