import { z } from 'zod';
import { HostNames, settingsOf } from '../service/settings.ts';
import { untilStopped } from '../service/until-stopped.ts';
import { startGlueServer } from './server.ts';

const Environment = z.object({
  GLUE_HOST: z.string().default('127.0.0.1'),
  GLUE_PORT: z.coerce.number().int().min(0).max(65_535),
  GLUE_ALLOWED_HOSTS: HostNames,
  /** Default: everything ends with the process. */
  GLUE_FILE: z.string().optional(),
});

const settings = settingsOf(Environment, 'Glue');
const server = await startGlueServer({
  host: settings.GLUE_HOST,
  port: settings.GLUE_PORT,
  allowedHosts: settings.GLUE_ALLOWED_HOSTS,
  file: settings.GLUE_FILE,
});
const stopped = untilStopped();
console.log(JSON.stringify({ endpoint: server.endpoint }));

await stopped;
await server.close();
process.exit(0);
