import { Command, Option } from 'commander';
import type { InitOptions } from '../init/init.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} init                        asks for everything
  $ ${TRIBUTARY} init --table orders         asks for the rest
  $ ${TRIBUTARY} init --table orders customers --yes --region eu-west-1 \\
      --bucket my-company-tributary --workgroup analytics
  $ ${TRIBUTARY} init --table orders --dry-run   print the file, write nothing

Reads the description of each table and a sample of at most 4,000 items from all over it, and
proposes a pipeline: entities, rows for dictionaries, times, a read rate, a schema. It shows the
tables that a run would create, with estimated rows, and writes tributary.yaml with comments.
If the file exists, the pipelines are added to it; everything in it stays as it is.

Bucket and warehouse are those of the file's other pipelines, or of the running local stack,
unless an option says otherwise. Without a terminal, or with --yes, nothing is asked.

Exit codes: 0 written, 1 failed, 2 something is missing or wrong: nothing was written.
`;

/** `tributary init` */
export function initCommand(): Command {
  return new Command('init')
    .description('look at DynamoDB tables and write their pipelines into tributary.yaml')
    .option('--region <region>', 'region of the tables; default: AWS_REGION, else your AWS profile')
    .option('--table <table...>', 'tables, by name or ARN; default: asked')
    .option('--name <name>', "name of the pipeline; default: the table's, in lower case")
    .option('--bucket <bucket>', 'S3 bucket for the run directories')
    .option('--prefix <prefix>', 'prefix of their keys; default: tributary')
    .option('--workgroup <name>', 'Redshift Serverless workgroup')
    .addOption(new Option('--cluster <id>', 'provisioned Redshift cluster').conflicts('workgroup'))
    .option('--db-user <user>', 'database user on a cluster')
    .option('--secret-arn <arn>', 'secret with the database credentials')
    .option('--database <name>', 'database; default: dev')
    .option('--schema <name>', "live schema, for this pipeline alone; default: the pipeline's name")
    .option('--iam-role <arn>', 'role with which COPY reads the bucket; default: default')
    .option(
      '--entities <by>',
      'tables for each kind of item: auto, none, key, or an attribute; default: asked, else auto',
    )
    .option('--yes', 'ask nothing')
    .option('--dry-run', 'write nothing; print the file')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: InitOptions) => {
      const { init } = await import('../init/init.ts');
      process.exitCode = await init(options);
    });
}
