import { z } from 'zod';
import { startGlueServer } from './server.ts';

/** Its settings. An empty variable counts as absent. */
const Environment = z.object({
  GLUE_HOST: z.string().default('127.0.0.1'),
  GLUE_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Names, separated by commas. */
  GLUE_ALLOWED_HOSTS: z.string().default(''),
  /** Default: everything ends with the process. */
  GLUE_FILE: z.string().optional(),
});

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const parsed = Environment.safeParse(given);
if (!parsed.success) {
  console.error(`The settings of the local Glue are not valid.\n${z.prettifyError(parsed.error)}`);
  process.exit(2);
}
const settings = parsed.data;
const server = await startGlueServer({
  host: settings.GLUE_HOST,
  port: settings.GLUE_PORT,
  allowedHosts: settings.GLUE_ALLOWED_HOSTS.toLowerCase().split(',').filter(Boolean),
  file: settings.GLUE_FILE,
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
