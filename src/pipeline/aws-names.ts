import { z } from 'zod';

/** Names of AWS's own that a definition holds, so that a slip is told before anything is started. */

/**
 * A general purpose bucket's name, or an access point's alias, which may stand for one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BucketName = z
  .string()
  .regex(
    /^(?!xn--|sthree-)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/,
    'the name of an S3 bucket alone: 3 to 63 lower-case letters, digits, - and single dots, with a letter or digit at both ends',
  )
  .refine(
    (name) => !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name),
    'the name of an S3 bucket, which is no IP address',
  );

const ROLE = String.raw`arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}`;

/**
 * What COPY's IAM_ROLE takes: `default`, a role, or roles of which each is assumed by the one before it.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html
 */
export const CopyRole = z
  .string()
  .regex(
    new RegExp(`^(?:default|${ROLE}(?:,${ROLE})*)$`),
    'default, or the ARN of a role, e.g. arn:aws:iam::123456789012:role/tributary-copy; chained roles with commas and no spaces',
  );
