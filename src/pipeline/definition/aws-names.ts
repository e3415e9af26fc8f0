import { z } from 'zod';

/** The AWS names in a definition, checked here so that typos are reported before anything starts. */

/**
 * The name of a general purpose bucket, or the alias of an access point, which can be used instead.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BucketName = z
  .string()
  .regex(
    /^(?!xn--|sthree-)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/,
    'the name of an S3 bucket: 3 to 63 lower-case letters, digits, - and single dots, with a letter or digit at both ends',
  )
  .refine(
    (name) => !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name),
    'the name of an S3 bucket, which cannot look like an IP address',
  );

const ARN = 'arn:aws(?:-[a-z]+)*';
const REGION = String.raw`[a-z]{2,}(?:-[a-z]+)+-\d{1,2}`;

const ROLE = String.raw`${ARN}:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}`;

/**
 * What COPY's IAM_ROLE accepts: `default`, a role, or a chain of roles, each assumed by the one before it.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html
 */
export const CopyRole = z
  .string()
  .regex(
    new RegExp(`^(?:default|${ROLE}(?:,${ROLE})*)$`),
    'default, or the ARN of a role, e.g. arn:aws:iam::123456789012:role/tributary-copy; separate chained roles with commas, without spaces',
  );

/** E.g. eu-central-1, us-gov-west-1. The list of regions changes, but their form does not. */
export const RegionName = z
  .string()
  .regex(new RegExp(`^${REGION}$`), 'the code of a region, e.g. eu-central-1');

const TABLE = String.raw`[\w.-]{3,255}`;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const TableName = z
  .string()
  .regex(
    new RegExp(`^(?:${TABLE}|${ARN}:dynamodb:${REGION}:\\d{12}:table/${TABLE})$`),
    'the name of a DynamoDB table: 3 to 255 letters, digits, _, - and dots; or its ARN, e.g. arn:aws:dynamodb:eu-central-1:123456789012:table/orders',
  );

/** https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateWorkgroup.html. The Data API also accepts the ARN. */
export const WorkgroupName = z
  .string()
  .regex(
    new RegExp(`^(?:[a-z0-9-]{3,64}|${ARN}:redshift-serverless:${REGION}:\\d{12}:workgroup/[a-z0-9-]+)$`),
    'the name of a Redshift Serverless workgroup: 3 to 64 lower-case letters, digits and -; or its ARN',
  );

/** https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html */
export const ClusterIdentifier = z
  .string()
  .regex(
    /^(?=.{1,63}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    'the identifier of a provisioned cluster: 1 to 63 lower-case letters, digits and single -, starting with a letter and not ending with -',
  );

export const SecretArn = z
  .string()
  .regex(
    new RegExp(String.raw`^${ARN}:secretsmanager:${REGION}:\d{12}:secret:[\w/+=.@!-]{1,512}$`),
    'the ARN of a secret, e.g. arn:aws:secretsmanager:eu-central-1:123456789012:secret:redshift-AbCdEf',
  );

/**
 * The prefix of every key. It allows those characters that S3 calls safe in keys and that need no escape in a URL, a
 * shell or the text of a COPY. It allows no part (`.` or `..`) that would be removed from the path of a URL.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const KeyPrefix = z
  .string()
  .regex(
    /^(?=.{1,300}$)(?!\.{1,2}(?:\/|$))[\w.=-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.=-]+)*$/,
    'at most 300 letters, digits, _, -, dots and =, in parts with one slash between them and none at the ends; no part is . or ..',
  );
