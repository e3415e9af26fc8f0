import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';

/** A Redshift to judge: the local one or a real one, and the bucket its COPY reads. */
export type ConformanceTarget = {
  redshift: RedshiftDataClient;
  s3: S3Client;
  /** What every submission carries. */
  where: { WorkgroupName?: string; ClusterIdentifier?: string; DbUser?: string; Database: string };
  bucket: string;
  /** Below it everything is put, and deleted afterwards. */
  prefix: string;
  role: string;
  region: string;
};

type TargetAddresses = {
  /** Absent: AWS's own. */
  endpoint?: string | undefined;
  region: string;
  workgroup?: string | undefined;
  cluster?: string | undefined;
  dbUser?: string | undefined;
  database: string;
  bucket: string;
  prefix: string;
  role: string;
  s3Endpoint?: string | undefined;
  /** Absent: the SDK finds them as it always does. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
};

export function conformanceTarget(addresses: TargetAddresses): ConformanceTarget {
  const { region, workgroup, cluster, dbUser, database, credentials } = addresses;
  const access = { region, ...(credentials && { credentials }) };
  return {
    // Throttled calls are repeated: a real Redshift has rates, and a run of all cases meets them.
    redshift: new RedshiftDataClient({
      ...access,
      ...(addresses.endpoint && { endpoint: addresses.endpoint }),
      maxAttempts: 8,
    }),
    s3: new S3Client({
      ...access,
      ...(addresses.s3Endpoint && { endpoint: addresses.s3Endpoint, forcePathStyle: true }),
    }),
    where: {
      ...(workgroup && { WorkgroupName: workgroup }),
      ...(cluster && { ClusterIdentifier: cluster }),
      ...(dbUser && { DbUser: dbUser }),
      Database: database,
    },
    bucket: addresses.bucket,
    prefix: addresses.prefix,
    role: addresses.role,
    region,
  };
}

/** A real Redshift, where the environment names one: `CONFORMANCE_WORKGROUP` or `CONFORMANCE_CLUSTER`. */
export function targetOfEnvironment(environment: NodeJS.ProcessEnv): ConformanceTarget | undefined {
  const workgroup = environment.CONFORMANCE_WORKGROUP;
  const cluster = environment.CONFORMANCE_CLUSTER;
  if (workgroup === undefined && cluster === undefined) return undefined;
  const needed = (name: string): string => {
    const value = environment[name];
    if (!value)
      throw new Error(`${name} is missing: see "Conformance" in packages/redshift-data-local/README.md`);
    return value;
  };
  return conformanceTarget({
    endpoint: environment.CONFORMANCE_ENDPOINT,
    region: needed('CONFORMANCE_REGION'),
    workgroup,
    cluster,
    dbUser: environment.CONFORMANCE_DB_USER,
    database: needed('CONFORMANCE_DATABASE'),
    bucket: needed('CONFORMANCE_BUCKET'),
    prefix: environment.CONFORMANCE_PREFIX ?? 'conformance',
    role: needed('CONFORMANCE_ROLE'),
    s3Endpoint: environment.CONFORMANCE_S3_ENDPOINT,
  });
}
