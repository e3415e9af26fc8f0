import { z } from 'zod';
import { Terminal } from '../errors.ts';
import type { ServiceAddress } from './aws-client.ts';

/** The addresses of the services. For AWS itself, every endpoint is undefined. */
export interface Addresses {
  readonly dynamodb: ServiceAddress;
  readonly dynamodbStreams: ServiceAddress;
  readonly s3: ServiceAddress;
  readonly redshiftData: ServiceAddress;
  readonly sns: ServiceAddress;
  readonly sqs: ServiceAddress;
  readonly glue: ServiceAddress;
}

/** An endpoint has only a scheme, host, port and path, so that it cannot contain a secret. */
const endpoint = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && url.username + url.password + url.search + url.hash === '';
  })
  .optional();

const Environment = z
  .object({
    TRIBUTARY_DYNAMODB_ENDPOINT: endpoint,
    TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT: endpoint,
    TRIBUTARY_S3_ENDPOINT: endpoint,
    TRIBUTARY_REDSHIFT_DATA_ENDPOINT: endpoint,
    TRIBUTARY_SNS_ENDPOINT: endpoint,
    TRIBUTARY_SQS_ENDPOINT: endpoint,
    TRIBUTARY_GLUE_ENDPOINT: endpoint,
    AWS_REGION: region(),
    AWS_DEFAULT_REGION: region(),
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
  })
  .refine((env) => (env.AWS_ACCESS_KEY_ID === undefined) === (env.AWS_SECRET_ACCESS_KEY === undefined), {
    path: ['AWS_ACCESS_KEY_ID'],
  });

const EXPECTED: Readonly<Record<string, string>> = {
  AWS_REGION: 'a region such as eu-west-1',
  AWS_DEFAULT_REGION: 'a region such as eu-west-1',
  AWS_ACCESS_KEY_ID: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY together, or neither',
};

/**
 * The services' addresses from the environment: TRIBUTARY_DYNAMODB_ENDPOINT, TRIBUTARY_S3_ENDPOINT,
 * TRIBUTARY_REDSHIFT_DATA_ENDPOINT, TRIBUTARY_SNS_ENDPOINT, TRIBUTARY_SQS_ENDPOINT, TRIBUTARY_GLUE_ENDPOINT and AWS_REGION (else
 * AWS_DEFAULT_REGION). An empty value counts as absent. DynamoDB Streams has DynamoDB's endpoint, unless it has its own:
 * TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT.
 * Credentials are not read here, because the SDK's default chain finds them. Only half of a key pair is rejected.
 * @throws Terminal `BadEnvironment`, which names every invalid variable and what was expected. It does not show values:
 *   an invalid one may be a misplaced secret.
 */
export function addressesFromEnvironment(env: Readonly<Record<string, string | undefined>>): Addresses {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    const lines = names.map(
      (name) =>
        `${name}: expected ${EXPECTED[name] ?? 'an address such as http://127.0.0.1:8000, without user, password or query'}`,
    );
    throw new Terminal('BadEnvironment', `The environment is not valid. ${lines.join('; ')}.`);
  }
  const { data } = parsed;
  const region = data.AWS_REGION ?? data.AWS_DEFAULT_REGION;
  return {
    dynamodb: { endpoint: data.TRIBUTARY_DYNAMODB_ENDPOINT, region },
    dynamodbStreams: {
      endpoint: data.TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT ?? data.TRIBUTARY_DYNAMODB_ENDPOINT,
      region,
    },
    s3: { endpoint: data.TRIBUTARY_S3_ENDPOINT, region },
    redshiftData: { endpoint: data.TRIBUTARY_REDSHIFT_DATA_ENDPOINT, region },
    sns: { endpoint: data.TRIBUTARY_SNS_ENDPOINT, region },
    sqs: { endpoint: data.TRIBUTARY_SQS_ENDPOINT, region },
    glue: { endpoint: data.TRIBUTARY_GLUE_ENDPOINT, region },
  };
}

function region() {
  return z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional();
}
