import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Limits } from '../statements/limits.ts';

/** Each setting is a flag or an environment variable: `--postgres-url` or `REDSHIFT_POSTGRES_URL`. */
const VARIABLES = {
  'postgres-url': 'REDSHIFT_POSTGRES_URL',
  's3-endpoint': 'REDSHIFT_S3_ENDPOINT',
  's3-region': 'REDSHIFT_S3_REGION',
  's3-access-key-id': 'REDSHIFT_S3_ACCESS_KEY_ID',
  's3-secret-access-key': 'REDSHIFT_S3_SECRET_ACCESS_KEY',
  host: 'REDSHIFT_HOST',
  'allowed-hosts': 'REDSHIFT_ALLOWED_HOSTS',
  port: 'REDSHIFT_PORT',
  workgroup: 'REDSHIFT_WORKGROUP',
  database: 'REDSHIFT_DATABASE',
  limits: 'REDSHIFT_LIMITS',
} as const;

type Flag = keyof typeof VARIABLES;

const FLAGS = Object.keys(VARIABLES) as Flag[];

const required = (flag: Flag) => z.string({ error: `is missing: pass --${flag} or set ${VARIABLES[flag]}` });

const Settings = z.object({
  'postgres-url': required('postgres-url'),
  's3-endpoint': required('s3-endpoint'),
  's3-region': z.string().default('us-east-1'),
  's3-access-key-id': required('s3-access-key-id'),
  's3-secret-access-key': required('s3-secret-access-key'),
  host: z.string().default('127.0.0.1'),
  'allowed-hosts': z
    .string()
    .default('')
    .transform((names) => names.split(',').flatMap((name) => name.trim() || [])),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  workgroup: z.string().default('local'),
  database: z.string().default('dev'),
  limits: z.string().default('{}').transform(asLimits),
});
type Settings = z.output<typeof Settings>;

/** Limits as JSON, such as `{"maxActiveStatements": 5, "callsPerSecond": "aws"}`. */
function asLimits(text: string, context: z.core.$RefinementCtx): z.input<typeof Limits> {
  try {
    const limits = JSON.parse(text) as z.input<typeof Limits>;
    Limits.parse(limits);
    return limits;
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    context.addIssue({ code: 'custom', message: `is not a set of limits: ${message}` });
    return z.NEVER;
  }
}

type Read = { readonly settings: Settings } | { readonly problems: readonly string[] };

/** Reads each setting from the flags or else from the environment. Problems are one line per setting. */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): Read {
  const options = Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' as const }]));
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return { problems: [(error as Error).message] };
  }
  const parsed = Settings.safeParse(
    Object.fromEntries(FLAGS.map((flag) => [flag, values[flag] ?? environment[VARIABLES[flag]]])),
  );
  if (parsed.success) return { settings: parsed.data };
  return { problems: parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) };
}
