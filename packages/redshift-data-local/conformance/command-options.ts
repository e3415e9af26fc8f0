import { parseArgs } from 'node:util';
import { z } from 'zod';

/** Each option is a flag or an environment variable: `--workgroup` or `CONFORMANCE_WORKGROUP`. */
const VARIABLES = {
  endpoint: 'CONFORMANCE_ENDPOINT',
  region: 'CONFORMANCE_REGION',
  workgroup: 'CONFORMANCE_WORKGROUP',
  cluster: 'CONFORMANCE_CLUSTER',
  'db-user': 'CONFORMANCE_DB_USER',
  database: 'CONFORMANCE_DATABASE',
  bucket: 'CONFORMANCE_BUCKET',
  prefix: 'CONFORMANCE_PREFIX',
  role: 'CONFORMANCE_ROLE',
  's3-endpoint': 'CONFORMANCE_S3_ENDPOINT',
  'at-once': 'CONFORMANCE_AT_ONCE',
} as const;

type Flag = keyof typeof VARIABLES;

const FLAGS = Object.keys(VARIABLES) as Flag[];

const required = (flag: Flag) => z.string({ error: `is missing: pass --${flag} or set ${VARIABLES[flag]}` });

const Options = z
  .object({
    endpoint: z.string().optional(),
    region: z.string().optional(),
    workgroup: z.string().optional(),
    cluster: z.string().optional(),
    'db-user': z.string().optional(),
    database: required('database'),
    bucket: required('bucket'),
    prefix: z.string().default('conformance'),
    role: required('role'),
    's3-endpoint': z.string().optional(),
    'at-once': z.coerce.number().int().min(1).default(8),
  })
  .refine(
    ({ workgroup, cluster }) => (workgroup === undefined) !== (cluster === undefined),
    'pass either --workgroup or --cluster',
  );
type Options = z.output<typeof Options>;

interface ConformanceArguments {
  readonly options: Options;
  /** Part of a file's or case's name; empty for all cases. */
  readonly wanted: string;
}

type Read = ConformanceArguments | { readonly problems: readonly string[] };

/** Reads each option from the flags or else from the environment. Problems are one line per option. */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Read {
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' as const }]));
  let values: Record<string, unknown>;
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true }));
  } catch (error) {
    return { problems: [(error as Error).message] };
  }
  if (positionals.length > 1) return { problems: ['pass at most one part of a name'] };
  const parsed = Options.safeParse(
    Object.fromEntries(FLAGS.map((flag) => [flag, values[flag] ?? environment[VARIABLES[flag]]])),
  );
  if (parsed.success) return { options: parsed.data, wanted: positionals[0] ?? '' };
  return {
    problems: parsed.error.issues.map((issue) => [...issue.path.map(String), issue.message].join(' ')),
  };
}
