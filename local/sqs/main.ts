import { z } from 'zod';
import { sizesFrom } from './s3-events/object-size.ts';
import { startSqsServer } from './server.ts';

/** Its settings. An empty variable counts as absent. */
const Environment = z.object({
  SQS_HOST: z.string().default('127.0.0.1'),
  SQS_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Names, separated by commas. */
  SQS_ALLOWED_HOSTS: z.string().default(''),
  /** Default: everything ends with the process. */
  SQS_FILE: z.string().optional(),
  /** For the sizes of objects. */
  SQS_S3_ACCESS_KEY_ID: z.string(),
  SQS_S3_SECRET_ACCESS_KEY: z.string(),
});

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const parsed = Environment.safeParse(given);
if (!parsed.success) {
  console.error(`The settings of the local SQS are not valid.\n${z.prettifyError(parsed.error)}`);
  process.exit(2);
}
const settings = parsed.data;
const server = await startSqsServer({
  host: settings.SQS_HOST,
  port: settings.SQS_PORT,
  allowedHosts: settings.SQS_ALLOWED_HOSTS.toLowerCase().split(',').filter(Boolean),
  file: settings.SQS_FILE,
  sizesFrom: sizesFrom({
    accessKeyId: settings.SQS_S3_ACCESS_KEY_ID,
    secretAccessKey: settings.SQS_S3_SECRET_ACCESS_KEY,
  }),
});
console.log(JSON.stringify({ endpoint: server.endpoint }));

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  void server.close().then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
