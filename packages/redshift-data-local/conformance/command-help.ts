export const CONFORMANCE_HELP = `Usage: redshift-data-local conformance [options] [part of a name]

Runs the conformance cases, or those with this text in their file's or their own name, against a Redshift.
Prints one line per failure, then "N passed, N failed". The exit code is 0 if none failed.

Credentials come from the AWS SDK's usual chain: environment, profile, SSO, instance role. They need the
Redshift Data API on the warehouse, and PutObject, ListBucket and DeleteObject on the bucket. The role must be
associated with the warehouse and be allowed to read the bucket. Each case creates a schema and a key prefix of
its own, and removes both. Some cases create groups and roles: use a warehouse for tests.

Options (each can be given in the environment instead):
  --workgroup <name>      Redshift Serverless workgroup (CONFORMANCE_WORKGROUP), or
  --cluster <id>          provisioned cluster (CONFORMANCE_CLUSTER), with
  --db-user <name>        its database user (CONFORMANCE_DB_USER)
  --database <name>       database (CONFORMANCE_DATABASE)
  --bucket <name>         bucket for the files that COPY reads (CONFORMANCE_BUCKET)
  --role <arn>            IAM role that COPY uses (CONFORMANCE_ROLE)
  --region <region>       AWS region (CONFORMANCE_REGION; default: as for any AWS SDK)
  --prefix <prefix>       key prefix in the bucket (CONFORMANCE_PREFIX; default: conformance)
  --endpoint <url>        Data API endpoint other than AWS's (CONFORMANCE_ENDPOINT)
  --s3-endpoint <url>     S3 endpoint other than AWS's (CONFORMANCE_S3_ENDPOINT)
  --at-once <number>      cases that run at the same time (CONFORMANCE_AT_ONCE; default: 8)
  --help                  prints this text`;
