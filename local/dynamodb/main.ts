import { z } from 'zod';
import { startEmulator } from './emulator.ts';
import { startDynamodbServer } from './server.ts';

/** Its settings. An empty variable counts as absent. */
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
  /** Names, separated by commas. */
  DYNAMODB_ALLOWED_HOSTS: z.string().default(''),
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

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const parsed = Environment.safeParse(given);
if (!parsed.success) {
  console.error(`The settings of the local DynamoDB are not valid.\n${z.prettifyError(parsed.error)}`);
  process.exit(2);
}
const settings = parsed.data;
const emulator = settings.DYNAMODB_EMULATOR && startEmulator(settings.DYNAMODB_EMULATOR);
const server = await startDynamodbServer({
  host: settings.DYNAMODB_HOST,
  port: settings.DYNAMODB_PORT,
  upstream: settings.DYNAMODB_UPSTREAM,
  allowedHosts: settings.DYNAMODB_ALLOWED_HOSTS.toLowerCase().split(',').filter(Boolean),
  partitions: settings.DYNAMODB_STREAM_PARTITIONS,
  file: settings.DYNAMODB_STREAM_FILE,
  s3: settings.DYNAMODB_S3,
});
console.log(JSON.stringify({ endpoint: server.endpoint }));

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  void server
    .close()
    .then(emulator?.stop)
    .then(() => process.exit(0));
};
void emulator?.ended.then((why) => {
  if (stopping) return;
  console.error(`The emulator ended (${why}).`);
  process.exit(1);
});
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
