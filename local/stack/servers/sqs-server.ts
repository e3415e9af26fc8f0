import { join } from 'node:path';
import { packageModule } from '../../../src/installation/package-files.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { bareEnvironment, startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

/** Starts the local SQS, which also receives what S3 announces. */
export async function startSqs(
  context: StackContext,
  before: StackAddresses['sqs'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['sqs'] }> {
  const { s3AccessKeyId, s3SecretAccessKey } = context.credentials;
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port]) => ({
      name: 'sqs',
      command: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', packageModule('local/sqs/main.ts')],
      environment: {
        ...bareEnvironment(),
        SQS_PORT: String(port),
        ...(context.persist && { SQS_FILE: join(context.directory, 'sqs.jsonl') }),
        SQS_S3_ACCESS_KEY_ID: s3AccessKeyId,
        SQS_S3_SECRET_ACCESS_KEY: s3SecretAccessKey,
      },
      // After S3, whose last events it takes.
      stopStep: 3,
    }),
    // Any answer will do, even the refusal of an unsigned request.
    ready: async ([port]) => (await fetch(`http://127.0.0.1:${port}/`)).status > 0,
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const part = { name: 'sqs', address: endpoint, process: server, inMemory: !context.persist };
  return { part, addresses: { endpoint } };
}
