import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { database } from './postgres-server.ts';
import { redshiftProgram } from './redshift-package.ts';
import { bareEnvironment, startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

const workgroup = 'local';

/** The local Redshift Data API over a stack's PostgreSQL and S3. */
export async function startRedshift(
  context: StackContext,
  under: Pick<StackAddresses, 'postgres' | 's3' | 'dynamodb'>,
  before: StackAddresses['redshiftData'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['redshiftData'] }> {
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port]) => ({
      name: 'redshift',
      command: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', redshiftProgram()],
      environment: {
        ...bareEnvironment(),
        REDSHIFT_POSTGRES_URL: under.postgres.url,
        REDSHIFT_S3_ENDPOINT: under.s3.endpoint,
        REDSHIFT_S3_REGION: under.dynamodb.region,
        REDSHIFT_S3_ACCESS_KEY_ID: under.s3.accessKeyId,
        REDSHIFT_S3_SECRET_ACCESS_KEY: under.s3.secretAccessKey,
        REDSHIFT_HOST: '127.0.0.1',
        REDSHIFT_PORT: String(port),
        REDSHIFT_WORKGROUP: workgroup,
        REDSHIFT_DATABASE: database,
      },
      stopStep: 1,
    }),
    // Any answer will do, even the refusal of an unsigned request.
    ready: async ([port]) => (await fetch(`http://127.0.0.1:${port}/`)).status > 0,
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  return {
    part: { name: 'redshift', address: endpoint, process: server },
    addresses: { endpoint, workgroup, database },
  };
}
