/**
 * `npm run conformance:glue [-- --endpoint http://127.0.0.1:5000] [--moto] [--aws] [part of a case's name]`: runs the cases on a local
 * Glue started for them, on the server at an endpoint, or on AWS, with the default credentials. With `--moto`, the cases that record how
 * moto differs must fail. Prints one line per failure, then the counts.
 */
import { parseArgs } from 'node:util';
import { startGlueServer } from '../../glue/server.ts';
import { glueCases } from './glue-cases.ts';
import { reportGlueCases } from './report-glue.ts';
import { conformanceClient } from './run-glue-case.ts';

const { values, positionals } = parseArgs({
  options: {
    endpoint: { type: 'string' },
    moto: { type: 'boolean', default: false },
    aws: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [wanted = ''] = positionals;
const cases = glueCases(wanted);
if (cases.length === 0) {
  console.error(`No case has "${wanted}" in its name.`);
  process.exit(2);
}
const isLocal = values.endpoint === undefined && !values.aws;
const server = isLocal ? await startGlueServer({ host: '127.0.0.1', port: 0 }) : undefined;
const client = conformanceClient(values.endpoint ?? server?.endpoint);
try {
  const wrong = await reportGlueCases(cases, client, values.moto, console.log);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  client.destroy();
  await server?.close();
}
