import { NULL_TEXT } from '../item/csv.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import type { PartFile } from './part-file.ts';

export interface CopyStatement {
  readonly schema: string;
  readonly table: string;
  /** In the order of the files' fields; columns not named are NULL. */
  readonly columns: readonly string[];
  /** Where the list of files is, made by `copyManifestBody`. */
  readonly bucket: string;
  readonly manifestKey: string;
  /** An ARN, or `default`. */
  readonly iamRole: string;
  readonly compression: 'zstd' | 'gzip';
  readonly region?: string | undefined;
}

/**
 * COPY of the files a manifest lists. Every cell is as the part file has it or the statement fails: no
 * EMPTYASNULL, BLANKSASNULL, TRUNCATECOLUMNS, ACCEPTINVCHARS or FILLRECORD, and MAXERROR at its default of 0. COMPUPDATE and
 * STATUPDATE act on empty tables unless they are off; ANALYZE comes after the loads.
 */
export function copySql(copy: CopyStatement): string {
  const columns = copy.columns.map(quoteIdentifier).join(', ');
  return [
    `COPY ${qualified(copy.schema, copy.table)} (${columns})`,
    `FROM ${quoteLiteral(`s3://${copy.bucket}/${copy.manifestKey}`)}`,
    roleSql(copy.iamRole),
    'MANIFEST FORMAT AS CSV',
    `NULL AS ${quoteLiteral(NULL_TEXT)}`,
    copy.compression === 'zstd' ? 'ZSTD' : 'GZIP',
    "DATEFORMAT 'auto' TIMEFORMAT 'auto'",
    'COMPUPDATE OFF STATUPDATE OFF',
    ...(copy.region === undefined ? [] : [`REGION ${quoteLiteral(copy.region)}`]),
  ].join(' ');
}

/**
 * The body of the manifest: each file once, each mandatory (by default COPY passes over what is missing), with
 * its length.
 */
export function copyManifestBody(bucket: string, files: readonly PartFile[]): string {
  const entries = files.map(({ key, bytes }) => ({
    url: `s3://${bucket}/${key}`,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  return `${JSON.stringify({ entries }, undefined, 1)}\n`;
}

/**
 * One transaction that has COPY check one small file and load nothing, into a temporary table that goes again:
 * it fails as a real COPY would for want of the role, its permission or the region.
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

const roleSql = (iamRole: string) => `IAM_ROLE ${iamRole === 'default' ? 'default' : quoteLiteral(iamRole)}`;
