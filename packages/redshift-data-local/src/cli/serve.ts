import { setFlagsFromString } from 'node:v8';
import { startRedshiftDataApi } from '../server.ts';
import { readSettings } from './settings.ts';

/** Serves until SIGTERM or SIGINT. If a setting is invalid, the process ends with exit code 2. */
export async function serve(args: readonly string[]): Promise<void> {
  const read = readSettings(args, process.env);
  if ('problems' in read) {
    for (const problem of read.problems) console.error(problem);
    console.error('`redshift-data-local --help` lists the settings.');
    process.exitCode = 2;
    return;
  }
  const { settings } = read;
  // V8 would mark the heap whenever so much was received, whatever is left of it.
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  const server = await startRedshiftDataApi({
    postgresUrl: settings['postgres-url'],
    s3: {
      endpoint: settings['s3-endpoint'],
      region: settings['s3-region'],
      accessKeyId: settings['s3-access-key-id'],
      secretAccessKey: settings['s3-secret-access-key'],
      forcePathStyle: true,
    },
    host: settings.host,
    allowedHosts: settings['allowed-hosts'],
    port: settings.port,
    workgroup: settings.workgroup,
    database: settings.database,
    limits: settings.limits,
  });
  console.log(JSON.stringify({ endpoint: server.endpoint }));

  void server.lost.then(({ message }) => {
    console.error(`redshift-data-local ends: ${message}. Start it again: it settles what was running.`);
    process.exit(1);
  });

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
