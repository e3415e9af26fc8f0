import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import { deleteStack } from '../../../local/stack/delete-stack.ts';
import { keepParts } from '../../../local/stack/keep-parts.ts';
import { startStack } from '../../../local/stack/start-stack.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { createRedshiftDataWarehouse } from '../../clients/redshift/redshift-data-warehouse.ts';
import { createS3ObjectStore } from '../../clients/s3/s3-object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { packageFile } from '../../installation/package-files.ts';

export interface DemoStack {
  readonly addresses: StackAddresses;
  readonly dynamodb: DynamoDBClient;
  readonly warehouse: Warehouse;
  /** The stack's bucket. */
  readonly store: ObjectStore;
  /** Rejected if a part ends that cannot be started again. */
  readonly failed: Promise<never>;
  /** Ends all its processes and deletes all its files. */
  stop(): Promise<void>;
}

/** The demo has its own file, because the user may change the `tributary.yaml` of the checkout. */
export const CONFIG_FILE = packageFile('local/demo/tributary.yaml');

/** A stack and a worker for one demo, in their own directory below `.tributary/`. */
export async function startDemoStack(log: (line: string) => void, signal: AbortSignal): Promise<DemoStack> {
  const home = resolve('.tributary');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // As root, PostgreSQL's account must be able to enter its data directory.
  if (process.getuid?.() === 0) chmodSync(home, 0o711);
  const directory = join(home, `demo-${randomBytes(4).toString('hex')}`);
  // The stack deletes its files. But if its start is aborted, a process that is still starting may write files later.
  process.on('exit', () => {
    deleteStack(directory);
    removeIfEmpty(home);
  });
  const stack = await startStack({
    directory,
    persist: false,
    worker: true,
    configFile: CONFIG_FILE,
    log,
    signal,
  });
  const { dynamodb, redshiftData, s3 } = stack.addresses;
  const { accessKeyId, secretAccessKey } = s3;
  const shared = { region: dynamodb.region, credentials: { accessKeyId, secretAccessKey } };
  const stopping = new AbortController();
  const failed = keepParts(stack, { signal: stopping.signal, log }).then(() => new Promise<never>(() => {}));
  failed.catch(() => {});
  const client = new RedshiftDataClient({ ...shared, endpoint: redshiftData.endpoint });
  return {
    addresses: stack.addresses,
    dynamodb: new DynamoDBClient({ ...shared, endpoint: dynamodb.endpoint }),
    warehouse: createRedshiftDataWarehouse({ client, target: redshiftData }),
    store: createS3ObjectStore({
      client: new S3Client({ ...shared, endpoint: s3.endpoint, forcePathStyle: true }),
      bucket: s3.bucket,
    }),
    failed,
    stop: () => {
      stopping.abort();
      return stack.stop();
    },
  };
}

/** Keeps `.tributary` if it contains a local stack or another demo. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error;
  }
}
