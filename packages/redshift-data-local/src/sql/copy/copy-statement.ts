import { DEFAULT_FIELD_OPTIONS, type FieldOptions } from '../../copy/values/field-rules.ts';
import type { RelationName, Translation } from '../translation.ts';
import { NotSupported, RedshiftError } from '../unsupported.ts';
import { checkCopyOptions } from './copy-conflicts.ts';
import { copyOption } from './copy-options.ts';

/** A COPY as written, with every option. */
export type CopyStatement = FieldOptions & {
  target: RelationName;
  /** The table's quoted name in PostgreSQL. */
  physicalTarget: string;
  /** The column list, folded; absent means all columns in table order. */
  columns?: string[];
  /** `s3://bucket/key`: the manifest's key, or a key prefix. */
  from: string;
  iamRole: string;
  manifest: boolean;
  format: 'csv' | 'text' | 'json' | 'parquet';
  quote: string;
  /** ASCII; one character for CSV, one or more for delimited text. */
  delimiter: string;
  /** Delimited text: a backslash makes the next character data. */
  escape: boolean;
  /** Delimited text: quotes around a field are not part of it. */
  removeQuotes: boolean;
  json: JsonMapping;
  /** Parquet: nested values are loaded into SUPER columns. */
  serializeToJson: boolean;
  compression: 'none' | 'gzip' | 'zstd';
  fillRecord: boolean;
  ignoreBlankLines: boolean;
  ignoreHeaderLines: number;
  /** The load fails once this many rows were refused; 0 and 1 both mean the first row. */
  maxErrors: number;
  ignoreAllErrors: boolean;
  /** Values for IDENTITY columns come from the files. */
  explicitIds: boolean;
  /** Only reads and checks the files. */
  noLoad: boolean;
  /** STATUPDATE. Default: the table is analyzed if it was empty. */
  updateStatistics?: boolean;
  region?: string;
};

/** How JSON values find their columns: by key, as one SUPER value, or by the paths in a file (its S3 URL). */
export type JsonMapping = 'auto' | 'auto ignorecase' | 'noshred' | { pathsFile: string };

/** The rest of a COPY, after the word COPY. */
export function parseCopy(t: Translation): CopyStatement {
  const { reader } = t;
  const target = t.relationName();
  const columns = reader.isOperator('(') ? reader.parenthesized(() => reader.identifier()) : undefined;
  const twice = columns?.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new RedshiftError(`column "${twice}" specified more than once`, '42701');
  reader.expectWords('from');
  const from = reader.string();
  if (!from.startsWith('s3://')) throw new NotSupported(`COPY from ${from.split(':')[0]} (only s3://)`);
  const copy: CopyStatement = {
    ...DEFAULT_FIELD_OPTIONS,
    target,
    physicalTarget: t.target(target),
    ...(columns === undefined ? {} : { columns }),
    from,
    iamRole: '',
    manifest: false,
    format: 'text',
    quote: '"',
    delimiter: '',
    escape: false,
    removeQuotes: false,
    json: 'auto',
    serializeToJson: false,
    compression: 'none',
    fillRecord: false,
    ignoreBlankLines: false,
    ignoreHeaderLines: 0,
    maxErrors: 0,
    ignoreAllErrors: false,
    explicitIds: false,
    noLoad: false,
  };
  const seen = new Set<string>();
  while (!reader.atEnd && !reader.isOperator(';')) copyOption(t, copy, seen);
  if (!seen.has('delimiter')) copy.delimiter = copy.format === 'csv' ? ',' : '|';
  checkCopyOptions(copy, seen);
  return copy;
}
