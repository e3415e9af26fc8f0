export const HELP = `Usage: redshift-data-local [options]
       redshift-data-local conformance --help

Serves the Amazon Redshift Data API. SQL runs on PostgreSQL 18, and COPY reads from an S3 server.
Prints {"endpoint":"http://..."} when it is ready, and stops on SIGTERM or Ctrl-C.

Options (each can be given in the environment instead):
  --postgres-url <url>          PostgreSQL database; created if absent; the user must be a superuser
                                (REDSHIFT_POSTGRES_URL)
  --s3-endpoint <url>           S3 server that COPY reads from (REDSHIFT_S3_ENDPOINT)
  --s3-access-key-id <id>       its access key (REDSHIFT_S3_ACCESS_KEY_ID)
  --s3-secret-access-key <key>  its secret key; better set in the environment (REDSHIFT_S3_SECRET_ACCESS_KEY)
  --s3-region <region>          its region (REDSHIFT_S3_REGION; default: us-east-1)
  --host <address>              address to listen on (REDSHIFT_HOST; default: 127.0.0.1)
  --allowed-hosts <names>       names, separated by commas, by which clients may call it, in addition to loopback
                                (REDSHIFT_ALLOWED_HOSTS; default: none)
  --port <number>               port to listen on; 0 is any free port (REDSHIFT_PORT; default: 0)
  --workgroup <name>            workgroup, or cluster, that clients name (REDSHIFT_WORKGROUP; default: local)
  --database <name>             database that clients name (REDSHIFT_DATABASE; default: dev)
  --limits <json>               quotas other than AWS's, such as {"maxActiveStatements": 5} (REDSHIFT_LIMITS)
  --help                        prints this text
  --version                     prints the version`;
