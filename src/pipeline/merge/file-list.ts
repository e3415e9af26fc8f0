import { roleSql } from '../load/copy-statement.ts';
import { guard } from '../sql/guard.ts';
import { byteLength, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import { textSql } from '../sql/text-sql.ts';
import type { BatchFile, BatchLoad, Statement } from './batch-load.ts';
import { beside, besideName } from './beside-tables.ts';
import { FILES } from './temporary-tables.ts';

/** What the ledger says of a file. */
export type FileState = 'loaded' | 'superseded' | 'skipped';

/** Beyond this, the list is loaded by a COPY, which takes a second or two. */
const MAX_LISTED_FILES = 200;
const MAX_LIST_BYTES = 30_000;

/** The columns that both the list and the ledger have. */
const COLUMNS =
  '"bucket" VARCHAR(255) NOT NULL, "file_key" VARCHAR(4096) NOT NULL, "etag" VARCHAR(256) NOT NULL, ' +
  '"state" VARCHAR(16) NOT NULL, "bytes" BIGINT NOT NULL';
const NAMES = '"bucket", "file_key", "etag", "state", "bytes"';

/** The ledger of a target's loaders. */
export const createFilesTable = (target: BatchLoad['target']) =>
  `CREATE TABLE IF NOT EXISTS ${beside('files', target)} (${COLUMNS}, "batch" BIGINT NOT NULL, ` +
  '"recorded_at" TIMESTAMP NOT NULL) DISTSTYLE AUTO SORTKEY ("recorded_at")';

interface Listed {
  readonly file: BatchFile;
  readonly state: FileState;
}

type FileLists = Pick<BatchLoad, 'files' | 'superseded'> & { readonly skipped?: readonly BatchFile[] };

function listed({ files, superseded = [], skipped = [] }: FileLists): Listed[] {
  return [
    ...files.map((file) => ({ file, state: 'loaded' as const })),
    ...superseded.map((file) => ({ file, state: 'superseded' as const })),
    ...skipped.map((file) => ({ file, state: 'skipped' as const })),
  ];
}

function values({ file, state }: Listed): string {
  const texts = [file.bucket, file.key, file.etag, state].map(textSql);
  return `(${texts.join(', ')}, ${file.bytes})`;
}

/** Whether the files are too many for the statements: write `fileListBody` to `fileListKey` before the transaction. */
export function needsFileList(lists: FileLists): boolean {
  const all = listed(lists);
  const bytes = all.reduce((sum, each) => sum + byteLength(values(each)) + 2, 0);
  return all.length > MAX_LISTED_FILES || bytes > MAX_LIST_BYTES;
}

/** The list as CSV without a header, for an object whose key is the prefix of no other. */
export function fileListBody(lists: FileLists): string {
  return listed(lists)
    .map(({ file, state }) => [file.bucket, file.key, file.etag, state, String(file.bytes)])
    .map((fields) => `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}

/** Where the list is, if it does not fit. */
export type ListSource = Pick<BatchLoad, 'bucket' | 'fileListKey' | 'iamRole' | 'region'>;

/**
 * Statements that list the batch's files in a temporary table, and fail if the ledger has one of them.
 * @param isReplacement its files may have been loaded before: then the ledger forgets that they were. The version of the lock
 *   row alone keeps a replacement from being done twice
 */
export function fileListStatements(
  target: BatchLoad['target'],
  lists: FileLists,
  { bucket, fileListKey, iamRole, region }: ListSource,
  isReplacement = false,
): Statement[] {
  const all = listed(lists);
  return [
    { sql: `CREATE TEMP TABLE ${FILES} (${COLUMNS})` },
    ...(all.length === 0
      ? []
      : [
          {
            sql:
              fileListKey === undefined
                ? `INSERT INTO ${FILES} VALUES ${all.map(values).join(', ')}`
                : `COPY ${FILES} FROM ${quoteLiteral(`s3://${bucket}/${fileListKey}`)} ${roleSql(iamRole)} ` +
                  'FORMAT AS CSV COMPUPDATE OFF STATUPDATE OFF' +
                  (region === undefined ? '' : ` REGION ${quoteLiteral(region)}`),
          },
        ]),
    isReplacement
      ? {
          sql: `DELETE FROM ${beside('files', target)} USING ${FILES} AS "listed" WHERE ${same(quoteIdentifier(besideName('files', target.table)))}`,
        }
      : {
          sql: guard(
            'count(*) = 0',
            `${beside('files', target)} AS "ledger" JOIN ${FILES} AS "listed" ON ${same('"ledger"')}`,
          ),
          guard: 'files',
        },
  ];
}

/** Identities are compared exactly: keys may differ in trailing blanks only. */
const same = (ledger: string) =>
  ['bucket', 'file_key', 'etag']
    .map(
      (name) =>
        `${ledger}."${name}" = "listed"."${name}" AND OCTET_LENGTH(${ledger}."${name}") = OCTET_LENGTH("listed"."${name}")`,
    )
    .join(' AND ');

/** Enters the listed files into the ledger. */
export const insertFiles = (target: BatchLoad['target'], batch: number) =>
  `INSERT INTO ${beside('files', target)} (${NAMES}, "batch", "recorded_at") ` +
  `SELECT ${NAMES}, ${batch}, GETDATE() FROM ${FILES}`;
