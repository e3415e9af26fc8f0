import { join } from 'node:path';
import { dynalitePackage, dynoxide } from '../../parts/dynamodb.ts';
import { findPart, npmPackageDirectory } from '../../parts/find-part.ts';
import { PartMissingError } from '../../parts/part-missing-error.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, ServerProcess, StackContext } from '../stack-context.ts';
import { startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

const region = 'us-east-1';

/** Starts dynoxide, or dynalite if there is no build of dynoxide, or uses the emulator in TRIBUTARY_USE_DYNAMODB. */
export async function startDynamodb(
  context: StackContext,
  before: StackAddresses['dynamodb'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['dynamodb'] }> {
  const named = process.env.TRIBUTARY_USE_DYNAMODB;
  if (named) return { part: { name: 'dynamodb', address: named }, addresses: { endpoint: named, region } };
  const command = await emulator(context);
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port]) => command(port!),
    ready: ([port]) => listsTables(`http://127.0.0.1:${port}`),
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const part = { name: 'dynamodb', address: endpoint, process: server, inMemory: !context.persist };
  return { part, addresses: { endpoint, region } };
}

async function emulator(context: StackContext): Promise<(port: number) => ServerProcess> {
  const { directory, persist, log } = context;
  try {
    const program = await findPart(dynoxide, context);
    const data = persist ? ['--db-path', join(directory, 'dynamodb.db')] : [];
    return (port) => ({
      name: 'dynamodb',
      command: program.path,
      arguments: ['serve', '--host', '127.0.0.1', '--port', String(port), ...data],
    });
  } catch (error) {
    const dynalite = npmPackageDirectory(dynalitePackage);
    if (!(error instanceof PartMissingError) || !dynalite) throw error;
    log('dynoxide is not available here; using dynalite, which has no Streams, transactions or TTL');
    const data = persist ? ['--path', join(directory, 'dynamodb')] : [];
    return (port) => ({
      name: 'dynamodb',
      command: process.execPath,
      arguments: [join(dynalite, 'cli.js'), '--host', '127.0.0.1', '--port', String(port), ...data],
    });
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
