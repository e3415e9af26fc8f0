import { z } from 'zod';
import { AWS_LIMITS } from '../../src/clients/redshift/data-api-limits.ts';

/** The addresses of a running stack: the contents of `.tributary/local.json` and of `--json`. */
export const StackAddresses = z.object({
  temporal: z.object({
    /** host:port, for SDKs and the `temporal` CLI. */
    address: z.string(),
    namespace: z.string(),
    /** The Web UI's URL. */
    ui: z.string(),
  }),
  dynamodb: z.object({ endpoint: z.string(), region: z.string() }),
  s3: z.object({
    endpoint: z.string(),
    bucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  /** S3 announces objects to its queues as their bucket's notifications say: see `local/sqs/README.md`. */
  sqs: z.object({ endpoint: z.string() }),
  glue: z.object({ endpoint: z.string() }),
  redshiftData: z.object({ endpoint: z.string(), workgroup: z.string(), database: z.string() }),
  postgres: z.object({ url: z.string() }),
});

export type StackAddresses = z.infer<typeof StackAddresses>;

/** The local Data API has no quotas, so clients need not keep to those of AWS. */
const NO_QUOTAS = Object.keys(AWS_LIMITS.callsPerSecond)
  .map((operation) => `${operation}=9999`)
  .join(',');

/**
 * The environment variables that point Tributary's clients, the AWS CLI and the SDKs at a stack.
 * @param configFile the tributary.yaml to use, if any
 */
export function stackEnvironment(addresses: StackAddresses, configFile?: string): Record<string, string> {
  return {
    TRIBUTARY_TEMPORAL_ADDRESS: addresses.temporal.address,
    TRIBUTARY_TEMPORAL_NAMESPACE: addresses.temporal.namespace,
    TRIBUTARY_DYNAMODB_ENDPOINT: addresses.dynamodb.endpoint,
    TRIBUTARY_S3_ENDPOINT: addresses.s3.endpoint,
    TRIBUTARY_SQS_ENDPOINT: addresses.sqs.endpoint,
    TRIBUTARY_GLUE_ENDPOINT: addresses.glue.endpoint,
    TRIBUTARY_REDSHIFT_DATA_ENDPOINT: addresses.redshiftData.endpoint,
    TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND: NO_QUOTAS,
    AWS_ACCESS_KEY_ID: addresses.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: addresses.s3.secretAccessKey,
    AWS_REGION: addresses.dynamodb.region,
    ...(configFile && { TRIBUTARY_CONFIG: configFile }),
  };
}
