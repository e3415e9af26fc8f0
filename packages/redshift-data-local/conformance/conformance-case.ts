import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * A conformance case: something that Redshift does, as data, so that the same cases test the local Redshift and a real
 * one. Every text may contain `${schema}` (a schema for this case, created before it and dropped after it),
 * `${unique}` (letters and digits unique to the run), `${bucket}`, `${prefix}` (a key prefix for this case),
 * `${s3}` (`s3://bucket/prefix`), `${role}`, `${database}`, `${workgroup}`, and `${name.Member}` of an
 * earlier call's answer.
 */
const Parameters = z.record(z.string(), z.string());

/** An object put to S3 under the case's prefix. Exactly one of `text`, `base64` and `json` is its content. */
const File = z.strictObject({
  key: z.string(),
  text: z.string().optional(),
  base64: z.string().optional(),
  json: z.unknown().optional(),
  /** How many times `text` is written. */
  times: z.number().int().positive().default(1),
  compression: z.enum(['gzip', 'zstd']).optional(),
});

const Expected = z.strictObject({
  /** The final state. Default: FAILED if `error` is given, else FINISHED. */
  state: z.enum(['FINISHED', 'FAILED', 'ABORTED']).optional(),
  /** Part of the error's text; for a batch, of the batch's own error. */
  error: z.string().optional(),
  /** A regular expression that the error's text must match. */
  errorMatches: z.string().optional(),
  /** The rows of the last result set: NULL as null, VARBYTE as hexadecimal, DECIMAL as text. A cell may be a matcher. */
  rows: z.array(z.array(z.unknown())).optional(),
  /** True if the order of `rows` does not matter. */
  anyOrder: z.boolean().default(false),
  /** Column names of the last result set. */
  columns: z.array(z.string()).optional(),
  /** ColumnMetadata of the last result set, in part. */
  metadata: z.array(z.record(z.string(), z.unknown())).optional(),
  /** The states of a batch's sub-statements. */
  states: z.array(z.string()).optional(),
  /** DescribeStatement's answer, in part. */
  describe: z.unknown().optional(),
});

/** SQL, which may be written with `$join` and `$repeat`: see `fill-in.ts`. */
const Sql = z.union([z.string(), z.strictObject({ $join: z.array(z.unknown()) })]) as z.ZodType<string>;

/** One call of the Data API. */
const Call = z.strictObject({
  operation: z.string(),
  /** Its input. The target (workgroup or cluster, database) is added if the operation takes one. */
  input: z.record(z.string(), z.unknown()).default({}),
  /** False: leave the target out. */
  target: z.boolean().default(true),
  /** The name by which later texts refer to the answer. */
  as: z.string().optional(),
  /** The call is repeated until the answer matches this, for at most 30 s. */
  until: z.unknown().optional(),
  /** The answer, in part. */
  expect: z.unknown().optional(),
  /** The expected error: its name, and part of its message. */
  error: z.strictObject({ name: z.string(), message: z.string().optional() }).optional(),
});

export const ConformanceCase = z
  .strictObject({
    name: z.string(),
    /** An AWS page's address, `public issue <address>`, or `undocumented: <our reading>`. */
    source: z.string().regex(/^(https:\/\/(docs\.)?aws\.amazon\.com\/|public issue https:|undocumented: )/),
    /** Statements that run first, one by one; each must finish. */
    setup: z.array(Sql).default([]),
    files: z.array(File).default([]),
    /** What is tested: one statement, */
    statement: Sql.optional(),
    /** or several as one batch, */
    statements: z.array(Sql).optional(),
    /** or calls of the Data API. */
    calls: z.array(Call).optional(),
    executionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).optional(),
    parameters: Parameters.optional(),
    expected: Expected.optional(),
    /** Checks afterwards: a query and its rows. */
    afterwards: z
      .array(
        z.strictObject({
          statement: z.string(),
          rows: z.array(z.array(z.unknown())).optional(),
          error: z.string().optional(),
          anyOrder: z.boolean().default(false),
        }),
      )
      .default([]),
    /** Statements that always run at the end; their outcome is ignored. */
    cleanup: z.array(z.string()).default([]),
  })
  .refine(
    (one) => [one.statement, one.statements, one.calls].filter((given) => given !== undefined).length === 1,
    'exactly one of statement, statements and calls',
  );
export type ConformanceCase = z.output<typeof ConformanceCase>;

/** A case and the file it is in. */
export interface LoadedCase {
  file: string;
  test: ConformanceCase;
}

/**
 * The cases of `cases/*.json` that have `wanted` in their file's or their own name, in any case of letters.
 * @throws with file and place if a case is malformed, or if two have the same name.
 */
export async function loadCases(wanted = ''): Promise<LoadedCase[]> {
  const directory = new URL('cases/', import.meta.url);
  const loaded: LoadedCase[] = [];
  for (const file of (await readdir(directory)).filter((name) => name.endsWith('.json')).sort()) {
    const parsed = z
      .array(ConformanceCase)
      .safeParse(JSON.parse(await readFile(new URL(file, directory), 'utf8')));
    if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
    loaded.push(...parsed.data.map((test) => ({ file, test })));
  }
  const names = new Set<string>();
  for (const { file, test } of loaded) {
    if (names.has(test.name)) throw new Error(`${file}: two cases are called "${test.name}"`);
    names.add(test.name);
  }
  return loaded.filter(({ file, test }) =>
    `${file} ${test.name}`.toLowerCase().includes(wanted.toLowerCase()),
  );
}
