import { join } from 'node:path';
import { packageModule } from '../../../src/installation/package-files.ts';
import { dynalitePackage, dynoxide } from '../../parts/dynamodb.ts';
import { findPart, npmPackageDirectory } from '../../parts/find-part.ts';
import { PartMissingError } from '../../parts/part-missing-error.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { bareEnvironment, startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

const region = 'us-east-1';

/**
 * Starts the local DynamoDB, which adds Streams and exports to dynoxide, or to dynalite if there is no build of dynoxide; or uses the
 * emulator in TRIBUTARY_USE_DYNAMODB. The emulator is a process of the local DynamoDB, and ends with it.
 */
export async function startDynamodb(
  context: StackContext,
  s3: StackAddresses['s3'],
  before: StackAddresses['dynamodb'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['dynamodb'] }> {
  const named = process.env.TRIBUTARY_USE_DYNAMODB;
  if (named) return { part: { name: 'dynamodb', address: named }, addresses: { endpoint: named, region } };
  const command = await emulator(context);
  const { ports, process: server } = await startServer(context, {
    // The second one is the emulator's, which only the local DynamoDB calls.
    portCount: 2,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port, emulatorPort]) => ({
      name: 'dynamodb',
      command: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', packageModule('local/dynamodb/main.ts')],
      environment: {
        ...bareEnvironment(),
        DYNAMODB_PORT: String(port),
        DYNAMODB_UPSTREAM: `http://127.0.0.1:${emulatorPort}`,
        DYNAMODB_EMULATOR: JSON.stringify(command(emulatorPort!)),
        DYNAMODB_S3: JSON.stringify(s3),
        ...(context.persist && { DYNAMODB_STREAM_FILE: join(context.directory, 'dynamodb-streams.jsonl') }),
      },
    }),
    ready: ([port]) => listsTables(`http://127.0.0.1:${port}`),
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const part = { name: 'dynamodb', address: endpoint, process: server, inMemory: !context.persist };
  return { part, addresses: { endpoint, region } };
}

/** The emulator's program and its arguments. */
async function emulator(context: StackContext): Promise<(port: number) => string[]> {
  const { directory, persist, log } = context;
  try {
    const program = await findPart(dynoxide, context);
    const data = persist ? ['--db-path', join(directory, 'dynamodb.db')] : [];
    return (port) => [program.path, 'serve', '--host', '127.0.0.1', '--port', String(port), ...data];
  } catch (error) {
    const dynalite = npmPackageDirectory(dynalitePackage);
    if (!(error instanceof PartMissingError) || !dynalite) throw error;
    log('dynoxide is not available here; using dynalite, which has no transactions or TTL');
    const data = persist ? ['--path', join(directory, 'dynamodb')] : [];
    const cli = join(dynalite, 'cli.js');
    return (port) => [process.execPath, cli, '--host', '127.0.0.1', '--port', String(port), ...data];
  }
}

/** Emulators check the format of the signature, not its value, so this needs no SDK. */
async function listsTables(endpoint: string): Promise<boolean> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: '{}',
  });
  return response.status === 200;
}
