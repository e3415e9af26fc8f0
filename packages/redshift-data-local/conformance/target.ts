import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';

/** The Redshift that the cases test, a local or a real one, and the bucket that its COPY reads. */
export interface ConformanceTarget {
  readonly redshift: RedshiftDataClient;
  readonly s3: S3Client;
  /** The part of a request that names the warehouse. */
  readonly where: {
    readonly WorkgroupName?: string;
    readonly ClusterIdentifier?: string;
    readonly DbUser?: string;
    readonly Database: string;
  };
  readonly bucket: string;
  /** Every object is put below this prefix and deleted afterwards. */
  readonly prefix: string;
  readonly role: string;
  close(): void;
}

export interface TargetAddresses {
  /** Default: AWS's own endpoint. */
  readonly endpoint?: string | undefined;
  /** Default: the region that the AWS SDK finds. */
  readonly region?: string | undefined;
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly dbUser?: string | undefined;
  readonly database: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly role: string;
  /** Default: AWS's own endpoint. */
  readonly s3Endpoint?: string | undefined;
  /** Default: the AWS SDK's usual chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** A real Redshift limits the rate of calls. A run of all cases exceeds the limit, so throttled calls are retried. */
const MAX_ATTEMPTS = 8;

export function conformanceTarget(addresses: TargetAddresses): ConformanceTarget {
  const { endpoint, s3Endpoint, region, workgroup, cluster, dbUser, database, credentials } = addresses;
  const access = { ...(region && { region }), ...(credentials && { credentials }) };
  const redshift = new RedshiftDataClient({
    ...access,
    ...(endpoint && { endpoint }),
    maxAttempts: MAX_ATTEMPTS,
  });
  const s3 = new S3Client({ ...access, ...(s3Endpoint && { endpoint: s3Endpoint, forcePathStyle: true }) });
  return {
    redshift,
    s3,
    where: {
      ...(workgroup && { WorkgroupName: workgroup }),
      ...(cluster && { ClusterIdentifier: cluster }),
      ...(dbUser && { DbUser: dbUser }),
      Database: database,
    },
    bucket: addresses.bucket,
    prefix: addresses.prefix,
    role: addresses.role,
    close() {
      redshift.destroy();
      s3.destroy();
    },
  };
}
