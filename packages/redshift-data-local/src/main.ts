import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startRedshiftDataApi } from './server.ts';
import { Limits } from './statements/limits.ts';

/** Every setting is a flag, or an environment variable of the same name: `--postgres-url` or `REDSHIFT_POSTGRES_URL`. */
const settings = {
  'postgres-url': 'REDSHIFT_POSTGRES_URL',
  's3-endpoint': 'REDSHIFT_S3_ENDPOINT',
  's3-region': 'REDSHIFT_S3_REGION',
  's3-access-key-id': 'REDSHIFT_S3_ACCESS_KEY_ID',
  's3-secret-access-key': 'REDSHIFT_S3_SECRET_ACCESS_KEY',
  host: 'REDSHIFT_HOST',
  port: 'REDSHIFT_PORT',
  workgroup: 'REDSHIFT_WORKGROUP',
  database: 'REDSHIFT_DATABASE',
  limits: 'REDSHIFT_LIMITS',
} as const;

/** Limits as JSON, such as `{"maxActiveStatements": 5, "callsPerSecond": "aws"}`. */
function asLimits(text: string, context: z.core.$RefinementCtx): z.input<typeof Limits> {
  try {
    const given = JSON.parse(text) as z.input<typeof Limits>;
    Limits.parse(given);
    return given;
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    context.addIssue({ code: 'custom', message: `is not a set of limits: ${message}` });
    return z.NEVER;
  }
}

const Settings = z.object({
  'postgres-url': z.string({ error: 'is missing: give --postgres-url or REDSHIFT_POSTGRES_URL' }),
  's3-endpoint': z.string({ error: 'is missing: give --s3-endpoint or REDSHIFT_S3_ENDPOINT' }),
  's3-region': z.string().default('us-east-1'),
  's3-access-key-id': z.string({ error: 'is missing: give --s3-access-key-id or REDSHIFT_S3_ACCESS_KEY_ID' }),
  's3-secret-access-key': z.string({ error: 'is missing: set REDSHIFT_S3_SECRET_ACCESS_KEY' }),
  host: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  workgroup: z.string().default('local'),
  database: z.string().default('dev'),
  limits: z.string().default('{}').transform(asLimits),
});

const names = Object.keys(settings) as (keyof typeof settings)[];
const { values } = parseArgs({
  options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
});
const given = Object.fromEntries(names.map((name) => [name, values[name] ?? process.env[settings[name]]]));
const parsed = Settings.safeParse(given);
if (!parsed.success) {
  for (const issue of parsed.error.issues) console.error(`${issue.path.join('.')} ${issue.message}`);
  process.exit(2);
}
const server = await startRedshiftDataApi({
  postgresUrl: parsed.data['postgres-url'],
  s3: {
    endpoint: parsed.data['s3-endpoint'],
    region: parsed.data['s3-region'],
    accessKeyId: parsed.data['s3-access-key-id'],
    secretAccessKey: parsed.data['s3-secret-access-key'],
    forcePathStyle: true,
  },
  host: parsed.data.host,
  port: parsed.data.port,
  workgroup: parsed.data.workgroup,
  database: parsed.data.database,
  limits: parsed.data.limits,
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
