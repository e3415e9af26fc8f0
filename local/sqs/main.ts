import { z } from 'zod';
import { HostNames, settingsOf } from '../service/settings.ts';
import { untilStopped } from '../service/until-stopped.ts';
import { sizesFrom } from './s3-events/object-size.ts';
import { startSqsServer } from './server.ts';

const Environment = z.object({
  SQS_HOST: z.string().default('127.0.0.1'),
  SQS_PORT: z.coerce.number().int().min(0).max(65_535),
  SQS_ALLOWED_HOSTS: HostNames,
  /** Default: everything ends with the process. */
  SQS_FILE: z.string().optional(),
  /** For the sizes of objects. */
  SQS_S3_ACCESS_KEY_ID: z.string(),
  SQS_S3_SECRET_ACCESS_KEY: z.string(),
});

const settings = settingsOf(Environment, 'SQS');
const server = await startSqsServer({
  host: settings.SQS_HOST,
  port: settings.SQS_PORT,
  allowedHosts: settings.SQS_ALLOWED_HOSTS,
  file: settings.SQS_FILE,
  sizesFrom: sizesFrom({
    accessKeyId: settings.SQS_S3_ACCESS_KEY_ID,
    secretAccessKey: settings.SQS_S3_SECRET_ACCESS_KEY,
  }),
});
const stopped = untilStopped();
console.log(JSON.stringify({ endpoint: server.endpoint }));

await stopped;
await server.close();
process.exit(0);
