import { Command } from 'commander';
import type { ImportLoadersOptions } from '../../loader/import-loaders.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption } from '../command-options.ts';

const importing = `
Examples:
  $ ${TRIBUTARY} loader import orders_queue.json
  $ ${TRIBUTARY} loader import orders_queue.json --bucket landing --prefix o/ \\
      --queue https://sqs.eu-west-1.amazonaws.com/123456789012/orders_queue --write
  $ ${TRIBUTARY} loader import queues/*.json --bucket landing --prefix '{table}/' \\
      --queue https://sqs.eu-west-1.amazonaws.com/123456789012/ --write

Converts the configuration of the AWS sample loader (SQS, Lambda, Data API), which has
one JSON file per queue, named like the queue. COPY's options become the format. Comments
say what a loader does differently, and what to do about options that it does not have.
What the file does not contain is asked for by options. Without them, the output has TODO
in its place, which "config check" refuses.

Exit codes: 0 printed or written, 2 something is missing or wrong: nothing was written.
`;

/** `tributary loader import` */
export const loaderImportCommand = () =>
  new Command('import')
    .description('convert the configuration of the AWS sample loader')
    .argument('<file...>', 'its JSON files, one per queue')
    .option('--bucket <bucket>', 'S3 bucket that the files arrive in')
    .option('--prefix <prefix>', 'prefix of their keys; {name} is the loader, {table} its table')
    .option('--queue <url>', "URL of the queue; with / at its end, the file's name follows")
    .option('--staging-bucket <bucket>', "S3 bucket for what waits; default: the sample's for manifests")
    .option('--staging-prefix <prefix>', "prefix there; default: the sample's, else tributary")
    .option('--db-user <user>', "database user; default: the sample's, redshift_data_api_user")
    .option('--write', 'add the loaders to the configuration file; everything else in it stays')
    .addOption(configOption())
    .addHelpText('after', importing)
    .action(async (files: string[], options: ImportLoadersOptions) => {
      const { importLoaders } = await import('../../loader/import-loaders.ts');
      await importLoaders(files, options);
    });
