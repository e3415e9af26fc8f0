import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPart } from '../../parts/find-part.ts';
import { versitygw } from '../../parts/versitygw.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { makeBucket } from './make-bucket.ts';
import { bareEnvironment, startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

const bucket = 'tributary';

/**
 * Starts versitygw over files and creates the bucket, or uses the S3 server in TRIBUTARY_USE_S3. versitygw posts its
 * events to the local SQS, and does not start without it. The user's own server posts nothing.
 */
export async function startS3(
  context: StackContext,
  sqs: StackAddresses['sqs'],
  before: StackAddresses['s3'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['s3'] }> {
  const named = process.env.TRIBUTARY_USE_S3;
  if (named) {
    const addresses = addressesOfNamed(named);
    await makeBucket(addresses);
    return { part: { name: 's3', address: addresses.endpoint }, addresses };
  }
  const program = await findPart(versitygw, context);
  const { s3AccessKeyId, s3SecretAccessKey } = context.credentials;
  const objects = join(context.directory, 's3');
  mkdirSync(objects, { recursive: true, mode: 0o700 });
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port]) => ({
      name: 's3',
      command: program.path,
      arguments: [
        ...['--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet'],
        ...['--event-webhook-url', eventsUrl(sqs.endpoint, `http://127.0.0.1:${port}`)],
        ...['posix', objects],
      ],
      environment: {
        ...bareEnvironment(),
        ROOT_ACCESS_KEY: s3AccessKeyId,
        ROOT_SECRET_KEY: s3SecretAccessKey,
      },
    }),
    ready: async ([port]) => (await fetch(`http://127.0.0.1:${port}/health`)).status === 200,
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const addresses = {
    endpoint,
    bucket,
    accessKeyId: s3AccessKeyId,
    secretAccessKey: s3SecretAccessKey,
  };
  await makeBucket(addresses);
  return { part: { name: 's3', address: endpoint, process: server }, addresses };
}

/** Where versitygw posts its events, with the address by which the receiver asks for the sizes of objects. */
function eventsUrl(sqsEndpoint: string, s3Endpoint: string): string {
  return `${sqsEndpoint}/_control/s3-events?${new URLSearchParams({ s3: s3Endpoint }).toString()}`;
}

/** `http://<access key>:<secret>@host:port` */
function addressesOfNamed(named: string): StackAddresses['s3'] {
  const url = new URL(named);
  return {
    endpoint: url.origin,
    bucket,
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  };
}
