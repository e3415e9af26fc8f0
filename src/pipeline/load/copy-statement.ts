import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import type { PartFile } from './part-file.ts';

export interface CopyStatement {
  /** Absent: a temporary table. */
  readonly schema?: string;
  readonly table: string;
  /** In the order of the files' fields. Other columns become NULL. */
  readonly columns: readonly string[];
  /** What means NULL in the files. */
  readonly nullText: string;
  /** The bucket of the files and of their manifest. */
  readonly bucket: string;
  /** The key of the list of files, made by `copyManifestBody`. */
  readonly manifestKey: string;
  /** An ARN, or `default`. */
  readonly iamRole: string;
  readonly compression: 'zstd' | 'gzip';
  readonly region?: string | undefined;
}

/**
 * Loads the files that a manifest lists. Every cell is loaded exactly as in the part file, or the statement fails:
 * there is no EMPTYASNULL, BLANKSASNULL, TRUNCATECOLUMNS, ACCEPTINVCHARS or FILLRECORD, and MAXERROR is 0, the default.
 * COMPUPDATE and STATUPDATE are off because they would act on empty tables. ANALYZE runs after the loads.
 */
export function copySql(copy: CopyStatement): string {
  const columns = copy.columns.map(quoteIdentifier).join(', ');
  const into = copy.schema === undefined ? quoteIdentifier(copy.table) : qualified(copy.schema, copy.table);
  return [
    `COPY ${into} (${columns})`,
    `FROM ${quoteLiteral(`s3://${copy.bucket}/${copy.manifestKey}`)}`,
    roleSql(copy.iamRole),
    'MANIFEST FORMAT AS CSV',
    `NULL AS ${quoteLiteral(copy.nullText)}`,
    copy.compression === 'zstd' ? 'ZSTD' : 'GZIP',
    "DATEFORMAT 'auto' TIMEFORMAT 'auto'",
    'COMPUPDATE OFF STATUPDATE OFF',
    ...(copy.region === undefined ? [] : [`REGION ${quoteLiteral(copy.region)}`]),
  ].join(' ');
}

/**
 * The body of COPY's manifest: each file once, with its length. Each file is mandatory, because by default COPY skips
 * missing files.
 */
export function copyManifestBody(bucket: string, files: readonly Pick<PartFile, 'key' | 'bytes'>[]): string {
  const entries = files.map(({ key, bytes }) => ({
    url: `s3://${bucket}/${key}`,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  return `${JSON.stringify({ entries }, undefined, 1)}\n`;
}

/**
 * One transaction in which COPY checks a small file against a temporary table, without loading it. It fails as a real
 * COPY would if the role, its permissions or the region are wrong.
 */
export function copyProbe(probe: {
  readonly table: string;
  readonly bucket: string;
  readonly key: string;
  readonly iamRole: string;
  readonly region?: string | undefined;
}): string[] {
  const table = quoteIdentifier(probe.table);
  const copy = [
    `COPY ${table} FROM ${quoteLiteral(`s3://${probe.bucket}/${probe.key}`)}`,
    roleSql(probe.iamRole),
    'FORMAT AS CSV NOLOAD',
    ...(probe.region === undefined ? [] : [`REGION ${quoteLiteral(probe.region)}`]),
  ];
  return [`CREATE TEMP TABLE ${table} ("probe" VARCHAR(16))`, copy.join(' '), `DROP TABLE ${table}`];
}

/** COPY’s IAM_ROLE: an ARN, a chain of them, or `default`. */
export const roleSql = (iamRole: string) =>
  `IAM_ROLE ${iamRole === 'default' ? 'default' : quoteLiteral(iamRole)}`;
