import { randomUUID } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  type GetStatementResultResponse,
} from '@aws-sdk/client-redshift-data';
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { runCalls } from './calls.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { fillIn } from './fill-in.ts';
import { differences } from './match.ts';
import type { ConformanceTarget } from './target.ts';

const LONGEST_MINUTES = 5;

/** Runs one case and cleans up after it. @returns its failures; none if it passed. */
export async function runCase(written: ConformanceCase, target: ConformanceTarget): Promise<string[]> {
  const unique = randomUUID().replaceAll('-', '').slice(0, 12);
  const schema = `conformance_${unique}`;
  const prefix = `${target.prefix}/${unique}`;
  const names = new Map<string, unknown>([
    ...Object.entries({
      unique,
      schema,
      prefix,
      bucket: target.bucket,
      s3: `s3://${target.bucket}/${prefix}`,
    }),
    ...Object.entries({ role: target.role, database: target.where.Database }),
    ['workgroup', target.where.WorkgroupName ?? target.where.ClusterIdentifier],
  ]);
  const usesSchema = /\$\{schema\}/.test(JSON.stringify(written));
  // Calls are filled in one by one, because later ones refer to earlier answers.
  const { calls, ...rest } = written;
  const test = { ...(fillIn(rest, names) as ConformanceCase), calls };
  try {
    if (usesSchema) await must(target, `CREATE SCHEMA ${schema}`);
    for (const file of test.files) await putFile(target, `${prefix}/${file.key}`, file);
    for (const sql of test.setup) await must(target, sql);
    const failures = calls
      ? await runCalls(calls, names, target)
      : check(await submit(target, test), test.expected ?? { anyOrder: false });
    for (const look of test.afterwards) failures.push(...(await lookAfterwards(target, look)));
    return failures;
  } catch (error) {
    return [(error as Error).message];
  } finally {
    for (const sql of test.cleanup) await submit(target, { statement: sql }).catch(() => {});
    if (usesSchema) await submit(target, { statement: `DROP SCHEMA ${schema} CASCADE` }).catch(() => {});
    if (/\$\{(?:s3|prefix)\}/.test(JSON.stringify(written)))
      await deleteFiles(target, prefix).catch(() => {});
  }
}

interface Outcome {
  described: DescribeStatementResponse;
  result?: GetStatementResultResponse | undefined;
}
type Submission = Partial<Pick<ConformanceCase, 'statement' | 'statements' | 'parameters' | 'executionMode'>>;

async function submit(target: ConformanceTarget, test: Submission): Promise<Outcome> {
  const parameters = Object.entries(test.parameters ?? {}).map(([name, value]) => ({ name, value }));
  const common = { ...target.where, ...(parameters.length > 0 && { Parameters: parameters }) };
  const batch: BatchExecuteStatementCommandInput = {
    ...common,
    Sqls: test.statements,
    ...(test.executionMode && { ExecutionMode: test.executionMode }),
  };
  const { Id } =
    test.statements === undefined
      ? await target.redshift.send(new ExecuteStatementCommand({ ...common, Sql: test.statement }))
      : await target.redshift.send(new BatchExecuteStatementCommand(batch));
  const described = await ended(target, Id!);
  if (described.Status !== 'FINISHED' && test.executionMode !== 'AUTO_COMMIT') return { described };
  const parts = described.SubStatements ?? [{ Id, HasResultSet: described.HasResultSet }];
  const last = parts.findLast((part) => part.HasResultSet);
  return { described, ...(last && { result: await wholeResult(target, last.Id!) }) };
}

/** Waits for a statement's end. */
async function ended(target: ConformanceTarget, id: string): Promise<DescribeStatementResponse> {
  const deadline = Date.now() + LONGEST_MINUTES * 60_000;
  for (;;) {
    const described = await target.redshift.send(
      new DescribeStatementCommand({ Id: id, WaitTimeSeconds: 20 }),
    );
    if (['FINISHED', 'FAILED', 'ABORTED'].includes(described.Status!)) return described;
    if (Date.now() > deadline)
      throw new Error(`statement ${id} did not end within ${LONGEST_MINUTES} minutes`);
  }
}

async function wholeResult(target: ConformanceTarget, id: string): Promise<GetStatementResultResponse> {
  const first = await target.redshift.send(new GetStatementResultCommand({ Id: id }));
  const records = [...first.Records!];
  for (let next = first.NextToken; next !== undefined; ) {
    const page = await target.redshift.send(new GetStatementResultCommand({ Id: id, NextToken: next }));
    records.push(...page.Records!);
    next = page.NextToken;
  }
  return { ...first, Records: records };
}

async function must(target: ConformanceTarget, sql: string): Promise<void> {
  const { described } = await submit(target, { statement: sql });
  if (described.Status !== 'FINISHED') throw new Error(`the case's setup failed: ${sql}: ${described.Error}`);
}

function check({ described, result }: Outcome, expected: NonNullable<ConformanceCase['expected']>): string[] {
  const failures: string[] = [];
  const wantsError = expected.error !== undefined || expected.errorMatches !== undefined;
  const state = expected.state ?? (wantsError ? 'FAILED' : 'FINISHED');
  if (described.Status !== state)
    failures.push(
      `it ended as ${described.Status}${described.Error ? ` (${described.Error})` : ''}, not ${state}`,
    );
  const error = described.Error ?? '';
  if (expected.error !== undefined && !error.includes(expected.error))
    failures.push(`the error "${error}" does not contain "${expected.error}"`);
  if (expected.errorMatches !== undefined && !new RegExp(expected.errorMatches, 's').test(error))
    failures.push(`the error "${error}" does not match ${expected.errorMatches}`);
  if (expected.states !== undefined)
    failures.push(
      ...differences(
        described.SubStatements?.map(({ Status }) => Status),
        expected.states,
        'states',
      ),
    );
  if (expected.describe !== undefined) failures.push(...differences(described, expected.describe));
  if (failures.length > 0) return failures;
  if (expected.columns !== undefined)
    failures.push(
      ...differences(
        result?.ColumnMetadata?.map(({ name }) => name),
        expected.columns,
        'columns',
      ),
    );
  if (expected.metadata !== undefined)
    failures.push(...differences(result?.ColumnMetadata, expected.metadata, 'metadata'));
  if (expected.rows !== undefined) failures.push(...compareRows(result, expected.rows, expected.anyOrder));
  return failures;
}

async function lookAfterwards(
  target: ConformanceTarget,
  look: ConformanceCase['afterwards'][number],
): Promise<string[]> {
  const outcome = await submit(target, { statement: look.statement });
  const { statement: _statement, ...expected } = look;
  return check(outcome, expected).map((failure) => `then ${look.statement}: ${failure}`);
}

function compareRows(
  result: GetStatementResultResponse | undefined,
  expected: unknown[][],
  anyOrder: boolean,
): string[] {
  if (result === undefined) return ['there is no result set'];
  const rows = result.Records!.map((record) => record.map(fieldValue));
  const key = (row: unknown[]) => JSON.stringify(row);
  const sorted = (list: unknown[][]) => [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return anyOrder ? differences(sorted(rows), sorted(expected), 'rows') : differences(rows, expected, 'rows');
}

/** A field as it is written in cases. */
function fieldValue(field: Field): unknown {
  if (field.isNull) return null;
  if (field.blobValue !== undefined) return Buffer.from(field.blobValue).toString('hex');
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
}

async function putFile(
  target: ConformanceTarget,
  key: string,
  file: ConformanceCase['files'][number],
): Promise<void> {
  const plain =
    file.base64 !== undefined
      ? Buffer.from(file.base64, 'base64')
      : Buffer.from(
          file.json === undefined ? (file.text ?? '').repeat(file.times) : JSON.stringify(file.json),
        );
  const body =
    file.compression === 'gzip'
      ? gzipSync(plain)
      : file.compression === 'zstd'
        ? zstdCompressSync(plain)
        : plain;
  const put = () => target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: body }));
  for (let puts = 1; ; puts++) {
    try {
      await put();
      return;
    } catch (error) {
      // versitygw keeps objects as files, and refuses a put whose directory it removes at that moment because another
      // case deleted the last object below it.
      if ((error as Error).name !== 'ExistingObjectIsDirectory' || puts === 5) throw error;
    }
  }
}

async function deleteFiles(target: ConformanceTarget, prefix: string): Promise<void> {
  const { Contents } = await target.s3.send(
    new ListObjectsV2Command({ Bucket: target.bucket, Prefix: `${prefix}/` }),
  );
  if (Contents === undefined || Contents.length === 0) return;
  await target.s3.send(
    new DeleteObjectsCommand({
      Bucket: target.bucket,
      Delete: { Objects: Contents.map(({ Key }) => ({ Key })) },
    }),
  );
}
