import { z } from 'zod';
import { LoaderName } from '../../pipeline/loader/loader-definition.ts';
import { ConfigError } from '../config-error.ts';
import { copyClauses } from './copy-clauses.ts';
import { OPEN } from './copy-option-table.ts';

/** The configuration of the AWS sample loader (SQS, Lambda, Data API) as a loader. It has one JSON file per queue. */

const SampleLoader = z.object({
  // Older versions of the sample name the queue in the file; later ones name the file like the queue.
  input: z.object({ sqs_queue_url: z.string().optional() }).default({}),
  output: z
    .object({ manifest_bucket: z.string().optional(), manifest_prefix: z.string().optional() })
    .default({}),
  copy: z.object({ options: z.string().default(''), role_arn: z.string(), table_name: z.string() }),
  cluster: z.object({ identifier: z.string(), db_name: z.string() }),
  options: z
    .object({
      merge_duplicate_pks: z.boolean().default(false),
      merge_pk: z.string().optional(),
      merge_timestamp: z.string().optional(),
    })
    .prefault({}),
});

/** The user that the sample's code names in each call of the Data API. */
const SAMPLE_USER = 'redshift_data_api_user';

/** What the sample's file does not say. */
export interface ImportOptions {
  readonly bucket?: string | undefined;
  /** `{name}` in it is the loader's name, `{table}` that of its table. */
  readonly prefix?: string | undefined;
  /** A queue's URL, or one that ends in a slash and is followed by the file's name. */
  readonly queue?: string | undefined;
  readonly stagingBucket?: string | undefined;
  readonly stagingPrefix?: string | undefined;
  readonly dbUser?: string | undefined;
}

/** A loader for the file. */
export interface ImportedLoader {
  readonly name: string;
  /** As `loaders` has it; OPEN is a value that an operator must choose. */
  readonly loader: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What an operator should know, each one sentence or two. */
  readonly notes: readonly string[];
}

/**
 * @param file the name of the file, without folders: `orders_queue.json`
 * @throws ConfigError `ConfigInvalid` if it is not a configuration of the sample loader
 */
export function importSample(text: string, file: string, given: ImportOptions): ImportedLoader {
  const { input, output, copy, cluster, options } = parsed(text, file);
  const queueName = file.replace(/\.json$/i, '');
  const name = loaderName(queueName);
  const { schema, table } = tableOf(copy.table_name);
  const { format, region, notes } = copyClauses(copy.options);
  const { merge, note } = mergeOf(options);
  const filled = given.prefix?.replaceAll('{name}', name).replaceAll('{table}', table);
  return {
    name,
    loader: {
      source: {
        bucket: given.bucket ?? OPEN,
        prefix: filled ?? `/${OPEN}`,
        queue: given.queue?.endsWith('/')
          ? given.queue + queueName
          : (given.queue ?? input.sqs_queue_url ?? OPEN),
      },
      format,
      target: {
        cluster: cluster.identifier,
        dbUser: given.dbUser ?? SAMPLE_USER,
        database: cluster.db_name,
        schema: schema ?? 'public',
        table,
        iamRole: copy.role_arn,
        ...(region === undefined ? {} : { region }),
      },
      ...(merge === undefined ? {} : { merge }),
      staging: stagingOf(given, output),
    },
    notes: [
      ...(schema === undefined
        ? [
            `Schema: ${copy.table_name} has none, and so is in the first of the user's search_path, as a rule public.`,
          ]
        : []),
      ...(given.dbUser === undefined
        ? [
            `User: ${SAMPLE_USER} is that of the sample. It creates tables beside ${table}: it needs CREATE on the schema.`,
          ]
        : []),
      ...(format.header === true
        ? ['Columns now match by their names in the first line, no longer by their position.']
        : []),
      ...notes.map((each) => `COPY's ${each}.`),
      ...(note === undefined ? [] : [note]),
    ],
  };
}

function parsed(text: string, file: string): z.infer<typeof SampleLoader> {
  const invalid = (what: string) =>
    new ConfigError('ConfigInvalid', `${file} is not a configuration of the sample loader: ${what}`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const result = SampleLoader.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  throw invalid(problems.join('; '));
}

/** `Orders_queue` → `orders`. */
export function loaderName(queue: string): string {
  const name = queue
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/[-_]queue$/, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40);
  return LoaderName.safeParse(name).success ? name : 'loader';
}

/** `schema.table`, with or without quotes and a database before them. Redshift folds names to lower case. */
function tableOf(written: string): { readonly schema: string | undefined; readonly table: string } {
  const parts = [...written.matchAll(/"((?:[^"]|"")*)"|[^.\s"]+/g)].map(([part, quoted]) =>
    (quoted?.replaceAll('""', '"') ?? part).toLowerCase(),
  );
  return { schema: parts.at(-2), table: parts.at(-1) ?? '' };
}

function mergeOf({
  merge_duplicate_pks: isMerged,
  merge_pk: pk,
  merge_timestamp: time,
}: z.infer<typeof SampleLoader>['options']): {
  readonly merge?: Record<string, unknown>;
  readonly note?: string;
} {
  const key = pk?.split(',').map((column) => column.trim().toLowerCase());
  if (isMerged) return { merge: { key: key ?? [OPEN], newest: time?.toLowerCase() ?? OPEN } };
  if (key === undefined || time === undefined) return {};
  return {
    note:
      'merge_duplicate_pks is false: the sample kept one row per key and time. This loader appends, each file once. ' +
      `For the newest row per key only, add merge: { key: [${key.join(', ')}], newest: ${time.toLowerCase()} }.`,
  };
}

function stagingOf(
  given: ImportOptions,
  { manifest_bucket: bucket, manifest_prefix: prefix }: z.infer<typeof SampleLoader>['output'],
): Record<string, unknown> {
  const ofSample = given.stagingBucket === undefined ? prefix?.replace(/^\/+|\/+$/g, '') : undefined;
  const inner = given.stagingPrefix ?? ofSample;
  return { bucket: given.stagingBucket ?? bucket ?? OPEN, ...(inner ? { prefix: inner } : {}) };
}
