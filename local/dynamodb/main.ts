import { z } from 'zod';
import { HostNames, settingsOf } from '../service/settings.ts';
import { untilStopped } from '../service/until-stopped.ts';
import { startEmulator } from './emulator.ts';
import { startDynamodbServer } from './server.ts';

const Environment = z.object({
  DYNAMODB_HOST: z.string().default('127.0.0.1'),
  DYNAMODB_PORT: z.coerce.number().int().min(0).max(65_535),
  /** The emulator. */
  DYNAMODB_UPSTREAM: z.url(),
  /** Its program and arguments as a JSON list, if this process is to start it. */
  DYNAMODB_EMULATOR: z
    .string()
    .transform((text) => z.tuple([z.string()], z.string()).parse(JSON.parse(text)))
    .optional(),
  DYNAMODB_ALLOWED_HOSTS: HostNames,
  /** How many shards a new stream has. */
  DYNAMODB_STREAM_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(1),
  /** Where exports are written, as JSON. Default: every export fails. */
  DYNAMODB_S3: z
    .string()
    .transform((text) =>
      z
        .object({ endpoint: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() })
        .parse(JSON.parse(text)),
    )
    .optional(),
  /** Default: streams end with the process. */
  DYNAMODB_STREAM_FILE: z.string().optional(),
});

const settings = settingsOf(Environment, 'DynamoDB');
const emulator = settings.DYNAMODB_EMULATOR && startEmulator(settings.DYNAMODB_EMULATOR);
const server = await startDynamodbServer({
  host: settings.DYNAMODB_HOST,
  port: settings.DYNAMODB_PORT,
  upstream: settings.DYNAMODB_UPSTREAM,
  allowedHosts: settings.DYNAMODB_ALLOWED_HOSTS,
  partitions: settings.DYNAMODB_STREAM_PARTITIONS,
  file: settings.DYNAMODB_STREAM_FILE,
  s3: settings.DYNAMODB_S3,
});
let stopping = false;
const stopped = untilStopped().then(() => {
  stopping = true;
});
void emulator?.ended.then((why) => {
  if (stopping) return;
  console.error(`The emulator ended (${why}).`);
  process.exit(1);
});
console.log(JSON.stringify({ endpoint: server.endpoint }));

await stopped;
await server.close();
await emulator?.stop();
process.exit(0);
